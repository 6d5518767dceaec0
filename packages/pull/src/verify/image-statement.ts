import { type Digest, digestAlgorithm, digestHex } from '@gocker/oci'
import type { ExpectedPayload, SignaturePayload } from './signature-payload.ts'

/** What cosign says of an image in a bundle. @see https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md */
export interface ImageStatement {
  readonly predicateType: string
  readonly subject: readonly Subject[]
}

interface Subject {
  readonly digest: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, unknown>>
}

const STATEMENT = /^https:\/\/in-toto\.io\/Statement\/v(?:0\.1|1)$/
/** Says that an image is signed, and nothing more: an attestation says something else. */
const SIGNATURE = 'https://sigstore.dev/cosign/sign/v1'

/** `undefined` where it is none. */
export function readStatement(bytes: Uint8Array): ImageStatement | undefined {
  let document: { _type?: unknown; predicateType?: unknown; subject?: unknown } | null
  try {
    document = JSON.parse(Buffer.from(bytes).toString()) as typeof document
  } catch {
    return undefined
  }
  const { _type: type, predicateType, subject } = document ?? {}
  const isStatement = typeof type === 'string' && STATEMENT.test(type) && typeof predicateType === 'string' && Array.isArray(subject)
  return isStatement && subject.every(isSubject) ? { predicateType, subject } : undefined
}

function isSubject(value: unknown): value is Subject {
  const { digest } = (value ?? {}) as { digest?: unknown }
  return typeof digest === 'object' && digest !== null
}

interface Named {
  /** Of the image, for want of one in the statement. */
  readonly name: string
  readonly expected: ExpectedPayload
}

/** What a statement comes to, or why it does not speak for an image. */
export function payloadOf({ predicateType, subject }: ImageStatement, { name, expected }: Named): SignaturePayload | string {
  if (predicateType !== SIGNATURE) return `it is of the type ${JSON.stringify(predicateType)}`
  const { digest, annotations } = expected
  const image = subject.find((each) => each.digest[digestAlgorithm(digest)] === digestHex(digest))
  if (image === undefined) return `it is for ${JSON.stringify(subject.map((each) => each.digest))}`
  const optional = image.annotations ?? {}
  for (const [key, value] of Object.entries(annotations)) if (optional[key] !== value) return `it does not say ${key}=${value}`
  return { critical: criticalOf({ name, digest, type: predicateType }), optional }
}

/** What a signature over the manifest itself comes to. */
export function manifestPayload(name: string, { digest, annotations }: ExpectedPayload): SignaturePayload | string {
  const [key] = Object.keys(annotations)
  if (key !== undefined) return `it does not say ${key}=${annotations[key]}`
  return { critical: criticalOf({ name, digest, type: SIGNATURE }), optional: null }
}

function criticalOf({ name, digest, type }: { name: string; digest: Digest; type: string }): SignaturePayload['critical'] {
  return { identity: { 'docker-reference': name }, image: { 'docker-manifest-digest': digest }, type }
}
