import { createPublicKey, type KeyObject, verify } from 'node:crypto'
import { type Descriptor, type Digest, formatReference, parseReference } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { referrersTag } from '../registry/referrers.ts'
import { type Registry, type RegistryOptions, registryFor } from '../registry/registry.ts'
import { fetchSmallBlob } from '../transfer/small-blob.ts'
import { type ExpectedPayload, objectionTo, readPayload, type SignaturePayload } from './signature-payload.ts'

export interface VerifyOptions extends RegistryOptions {
  readonly store: Store
  /** An image at a registry. */
  readonly reference: string
  /** PEM, as cosign writes it to `cosign.pub`. */
  readonly publicKey: string
  readonly anyRepository?: boolean | undefined
  readonly annotations?: Readonly<Record<string, string>> | undefined
}

export interface VerifiedImage {
  /** `registry/repository@sha256:...`: what the signatures are for. */
  readonly name: string
  readonly digest: Digest
  readonly payloads: readonly SignaturePayload[]
}

/**
 * Checks that an image has a signature of cosign's made with a key, for its digest and its repository.
 * @throws {PullError} `UNVERIFIED`, `INVALID_OPTION` for a key that is none, `NOT_FOUND`, ...
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 */
export async function verifySignatures(options: VerifyOptions): Promise<VerifiedImage> {
  const reference = parseReference(options.reference)
  const key = publicKeyOf(options.publicKey)
  await using registry = registryFor(reference, options)
  const { digest } = await registry.manifest(reference.digest ?? reference.tag ?? 'latest')
  const name = formatReference({ registry: reference.registry, repository: reference.repository, digest })
  const { anyRepository = false, annotations = {} } = options
  const checked = await checkedSignatures(registry, { ...options, key, expected: { reference, digest, anyRepository, annotations } })
  const payloads = checked.flatMap((each) => (typeof each === 'string' ? [] : [each]))
  if (payloads.length > 0) return { name, digest, payloads }
  const objections = [...new Set(checked.filter((each) => typeof each === 'string'))]
  throw new PullError('UNVERIFIED', `verifying ${name}: ${objections.length === 0 ? 'it has no signature' : 'no signature of it holds'}`, {
    hint: objections.length === 0 ? `cosign would keep it under the tag ${referrersTag(digest)}.sig` : objections.join('; '),
  })
}

function publicKeyOf(pem: string): KeyObject {
  try {
    if (!/-----BEGIN (?:RSA )?PUBLIC KEY-----/.test(pem)) throw new Error('it has no BEGIN PUBLIC KEY')
    return createPublicKey(pem)
  } catch (cause) {
    throw new PullError('INVALID_OPTION', `reading the public key: ${(cause as Error).message}`, { cause })
  }
}

interface Check {
  readonly store: Store
  readonly key: KeyObject
  readonly expected: ExpectedPayload
}

const SIGNATURE = 'dev.cosignproject.cosign/signature'
const SIMPLE_SIGNING = 'application/vnd.dev.cosign.simplesigning.v1+json'
/** More are not looked at: a repository may be full of strangers'. */
const MOST_SIGNATURES = 100

/** What each signature says, or why it does not count. */
async function checkedSignatures(registry: Registry, check: Check): Promise<(SignaturePayload | string)[]> {
  const found = await registry.tagged(`${referrersTag(check.expected.digest as Digest)}.sig`)
  if (found?.content.kind !== 'manifest') return []
  const layers = found.content.manifest.layers.filter(({ mediaType }) => mediaType === SIMPLE_SIGNING)
  const checked: (SignaturePayload | string)[] = []
  for (const layer of layers.slice(0, MOST_SIGNATURES)) checked.push(await checkedSignature(registry, layer, check))
  return checked
}

async function checkedSignature(
  registry: Registry,
  layer: Descriptor,
  { store, key, expected }: Check,
): Promise<SignaturePayload | string> {
  const signature = layer.annotations?.[SIGNATURE]
  if (signature === undefined) return 'one has no signature beside it'
  const bytes = await fetchSmallBlob(registry, layer, { store })
  if (!isSignedBy(key, bytes, Buffer.from(signature, 'base64'))) return 'one was not made with this key'
  const payload = readPayload(bytes)
  if (payload === undefined) return 'one signs something else than an image'
  const objection = objectionTo(payload, expected)
  return objection === undefined ? payload : `one does not count: ${objection}`
}

/** ECDSA and RSA sign a digest, Ed25519 the bytes. */
function isSignedBy(key: KeyObject, bytes: Buffer, signature: Buffer): boolean {
  const algorithm = key.asymmetricKeyType === 'ed25519' ? null : 'sha256'
  try {
    return verify(algorithm, bytes, key, signature)
  } catch {
    // A signature of another kind of key is no signature of this one.
    return false
  }
}
