import { type Digest, isDigest, OciError, parseReference, type Reference } from '@gocker/oci'

/** What a signature says. @see https://github.com/sigstore/cosign/blob/main/specs/SIGNATURE_SPEC.md#payloads */
export interface SignaturePayload {
  readonly critical: {
    readonly identity: { readonly 'docker-reference': string }
    readonly image: { readonly 'docker-manifest-digest': string }
    readonly type: string
  }
  readonly optional?: Readonly<Record<string, unknown>> | null
}

export interface ExpectedPayload {
  readonly reference: Reference
  readonly digest: Digest
  /** Takes a signature that was made for another repository, as that of a copy is. */
  readonly anyRepository: boolean
  /** What `optional` must say. */
  readonly annotations: Readonly<Record<string, string>>
}

/** Reads a payload; `undefined` where it is none. */
export function readPayload(bytes: Uint8Array): SignaturePayload | undefined {
  let document: { critical?: { identity?: Record<string, unknown>; image?: Record<string, unknown>; type?: unknown } } | null
  try {
    document = JSON.parse(Buffer.from(bytes).toString()) as typeof document
  } catch {
    return undefined
  }
  const { identity, image, type } = document?.critical ?? {}
  const texts = [identity?.['docker-reference'], image?.['docker-manifest-digest'], type]
  return texts.every((text) => typeof text === 'string') ? (document as unknown as SignaturePayload) : undefined
}

const TYPES = ['cosign container image signature', 'atomic container signature']

/** Why a payload, whose signature holds, does not speak for an image; `undefined` where it does. */
export function objectionTo(payload: SignaturePayload, expected: ExpectedPayload): string | undefined {
  const { identity, image, type } = payload.critical
  if (!TYPES.includes(type)) return `it is of the type ${JSON.stringify(type)}`
  const signed = image['docker-manifest-digest']
  if (!isDigest(signed) || signed !== expected.digest) return `it is for ${JSON.stringify(signed)}`
  const name = identity['docker-reference']
  if (!expected.anyRepository && !isSameRepository(name, expected.reference)) return `it was made for ${JSON.stringify(name)}`
  for (const [key, value] of Object.entries(expected.annotations))
    if (payload.optional?.[key] !== value) return `it does not say ${key}=${value}`
  return undefined
}

function isSameRepository(name: string, { registry, repository }: Reference): boolean {
  try {
    const signed = parseReference(name)
    return signed.registry === registry && signed.repository === repository
  } catch (error) {
    if (error instanceof OciError) return false
    throw error
  }
}
