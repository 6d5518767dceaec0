import { OciError } from './error.ts'

/**
 * `<algorithm>:<lower-case hex>`.
 * @see https://github.com/opencontainers/image-spec/blob/main/descriptor.md#digests
 */
export type Digest = `${DigestAlgorithm}:${string}`
export type DigestAlgorithm = 'sha256' | 'sha512'

const HEX_LENGTH: Record<DigestAlgorithm, number> = { sha256: 64, sha512: 128 }

export function isDigest(text: string): text is Digest {
  const [algorithm, hex = '', ...rest] = text.split(':')
  const length = HEX_LENGTH[algorithm as DigestAlgorithm]
  return length !== undefined && hex.length === length && /^[0-9a-f]+$/.test(hex) && rest.length === 0
}

/** @throws {OciError} `INVALID_DIGEST` */
export function parseDigest(text: string): Digest {
  if (isDigest(text)) return text
  throw new OciError('INVALID_DIGEST', `reading digest ${JSON.stringify(text)}: not sha256:<64 hex> or sha512:<128 hex>`)
}

/** The sha256 digest of `bytes`. */
export function digestOf(bytes: Uint8Array | string): Digest {
  // Loaded here: node:crypto costs milliseconds, and whoever only reads digests needs none of it.
  const { createHash } = process.getBuiltinModule('node:crypto')
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`
}

export function digestAlgorithm(digest: Digest): DigestAlgorithm {
  return digest.slice(0, digest.indexOf(':')) as DigestAlgorithm
}

export function digestHex(digest: Digest): string {
  return digest.slice(digest.indexOf(':') + 1)
}
