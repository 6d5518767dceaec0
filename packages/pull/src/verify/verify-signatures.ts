import { createPublicKey, type KeyObject } from 'node:crypto'
import { type Digest, formatReference, parseReference } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { referrersTag } from '../registry/referrers.ts'
import { type RegistryOptions, registryFor } from '../registry/registry.ts'
import { type FoundSignature, findSignatures } from './find-signatures.ts'
import { manifestPayload, payloadOf } from './image-statement.ts'
import { isMadeWith } from './made-with.ts'
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
 * Checks that an image has a signature of cosign's made with a key, for its digest and, where the signature names one, for its repository. No
 * transparency log is asked: the key alone decides.
 * @throws {PullError} `UNVERIFIED`, `INVALID_OPTION` for a key that is none, `NOT_FOUND`, ...
 * @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md
 * @see https://github.com/sigstore/cosign/blob/main/specs/BUNDLE_SPEC.md
 */
export async function verifySignatures(options: VerifyOptions): Promise<VerifiedImage> {
  const reference = parseReference(options.reference)
  const key = publicKeyOf(options.publicKey)
  await using registry = registryFor(reference, options)
  const { digest, bytes } = await registry.manifest(reference.digest ?? reference.tag ?? 'latest')
  const name = formatReference({ registry: reference.registry, repository: reference.repository, digest })
  const { store, anyRepository = false, annotations = {} } = options
  const expected = { reference, digest, anyRepository, annotations }
  const checked: (SignaturePayload | string)[] = []
  for (const signature of await findSignatures(registry, { digest, store }))
    checked.push(await checkedSignature(signature, { key, manifest: bytes, expected, name }))
  const payloads = checked.filter((each) => typeof each !== 'string')
  if (payloads.length > 0) return { name, digest, payloads }
  const objections = [...new Set(checked.filter((each) => typeof each === 'string'))]
  throw new PullError('UNVERIFIED', `verifying ${name}: ${objections.length === 0 ? 'it has no signature' : 'no signature of it holds'}`, {
    hint:
      objections.length === 0
        ? `cosign keeps it as a referrer of the image, or under the tag ${referrersTag(digest)}.sig`
        : objections.join('; '),
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
  readonly key: KeyObject
  /** The image's own bytes. */
  readonly manifest: Buffer
  readonly expected: ExpectedPayload
  readonly name: string
}

/** What a signature says, or why it does not count. */
async function checkedSignature(found: FoundSignature, check: Check): Promise<SignaturePayload | string> {
  if (found.kind === 'unreadable') return `one cannot be read: ${found.why}`
  return found.kind === 'bundle' ? await checkedBundle(found.bytes, check) : checkedPayload(found, check)
}

async function checkedBundle(bytes: Buffer, { key, manifest, expected, name }: Check): Promise<SignaturePayload | string> {
  // Loaded where there are bundles, and only then.
  const { checkBundle } = await import('./signed-bundle.ts')
  const said = checkBundle(bytes, { key, manifest })
  if (typeof said === 'string') return said
  const payload = said === undefined ? manifestPayload(name, expected) : payloadOf(said, { name, expected })
  return typeof payload === 'string' ? `one does not count: ${payload}` : payload
}

function checkedPayload({ bytes, signature }: Extract<FoundSignature, { kind: 'simple' }>, { key, expected }: Check) {
  if (signature === undefined) return 'one has no signature beside it'
  if (!isMadeWith(key, bytes, Buffer.from(signature, 'base64'))) return 'one was not made with this key'
  const payload = readPayload(bytes)
  if (payload === undefined) return 'one signs something else than an image'
  const objection = objectionTo(payload, expected)
  return objection === undefined ? payload : `one does not count: ${objection}`
}
