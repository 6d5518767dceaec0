import type { KeyObject } from 'node:crypto'
import {
  type Bundle,
  type BundleWithDsseEnvelope,
  bundleFromJSON,
  isBundleWithDsseEnvelope,
  isBundleWithPublicKey,
  ValidationError,
} from '@sigstore/bundle'
import { toSignedEntity, toTrustMaterial, VerificationError, Verifier } from '@sigstore/verify'
import { type ImageStatement, readStatement } from './image-statement.ts'
import { isMadeWith } from './made-with.ts'

export interface BundleCheck {
  readonly key: KeyObject
  /** What a signature without a statement is made over. */
  readonly manifest: Buffer
}

/**
 * What a bundle of sigstore's says of an image, or why it does not count. The key alone decides: no transparency log is asked.
 * @returns `undefined` for a signature over the image's manifest itself, which says nothing more
 * @see https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 */
export function checkBundle(bytes: Buffer, { key, manifest }: BundleCheck): ImageStatement | string | undefined {
  const bundle = readBundle(bytes)
  if (typeof bundle === 'string') return bundle
  if (!isBundleWithPublicKey(bundle)) return 'one was made with a certificate, and not with a key'
  const signed = toSignedEntity(bundle, manifest)
  const entity = { ...signed, signature: withEveryDigest(signed.signature, bundle), tlogEntries: [], timestamps: [] }
  try {
    verifierOf(key).verify(entity)
  } catch (error) {
    if (error instanceof VerificationError) return 'one was not made with this key'
    throw error
  }
  return isBundleWithDsseEnvelope(bundle) ? statementOf(bundle) : undefined
}

type SignatureContent = ReturnType<typeof toSignedEntity>['signature']

/** The library takes an envelope's signature for one over SHA-256, whatever the key's curve is. */
function withEveryDigest(signature: SignatureContent, bundle: Bundle): SignatureContent {
  if (!isBundleWithDsseEnvelope(bundle)) return signature
  const { payloadType, payload, signatures } = bundle.content.dsseEnvelope
  const verifySignature = (key: KeyObject) => isMadeWith(key, preAuthEncoding(payloadType, payload), signatures[0]?.sig ?? Buffer.alloc(0))
  return Object.create(signature, { verifySignature: { value: verifySignature } })
}

/** @see https://github.com/secure-systems-lab/dsse/blob/master/protocol.md */
function preAuthEncoding(type: string, payload: Buffer): Buffer {
  return Buffer.concat([Buffer.from(`DSSEv1 ${Buffer.byteLength(type)} ${type} ${payload.length} `), payload])
}

function readBundle(bytes: Buffer): ReturnType<typeof bundleFromJSON> | string {
  try {
    return bundleFromJSON(JSON.parse(bytes.toString()))
  } catch (error) {
    if (error instanceof ValidationError) return `one is no bundle: ${error.message} (${error.fields.join(', ')})`
    return 'one is no bundle'
  }
}

/** Logs and authorities, of which there are none, vouch for keys that nobody knows. */
function verifierOf(publicKey: KeyObject): Verifier {
  const nobody = { tlogs: [], certificateAuthorities: [], ctlogs: [], timestampAuthorities: [] }
  const trusted = toTrustMaterial({ mediaType: 'application/vnd.dev.sigstore.trustedroot+json;version=0.1', ...nobody }, () => ({
    publicKey,
    validFor: () => true,
  }))
  return new Verifier(trusted, { tlogThreshold: 0, ctlogThreshold: 0, timestampThreshold: 0 })
}

/** @see https://github.com/in-toto/attestation/blob/main/spec/v1/envelope.md */
const STATEMENT_TYPE = 'application/vnd.in-toto+json'

function statementOf({ content: { dsseEnvelope } }: BundleWithDsseEnvelope): ImageStatement | string {
  const statement = dsseEnvelope.payloadType === STATEMENT_TYPE ? readStatement(dsseEnvelope.payload) : undefined
  return statement ?? 'one signs something else than an image'
}
