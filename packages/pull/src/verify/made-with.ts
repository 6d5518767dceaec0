import { type KeyObject, verify } from 'node:crypto'

/**
 * Whether a signature is the key's. ECDSA and RSA sign a digest, Ed25519 the bytes; of larger curves it is their own digest, and of what older
 * tools made SHA-256.
 * @see https://github.com/sigstore/architecture-docs/blob/main/algorithm-registry.md
 */
export function isMadeWith(key: KeyObject, bytes: Buffer, signature: Buffer): boolean {
  return digestsOf(key).some((digest) => holds(digest, { key, bytes, signature }))
}

function digestsOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): readonly (string | null)[] {
  if (asymmetricKeyType === 'ed25519') return [null]
  const own = OF_CURVES[asymmetricKeyDetails?.namedCurve ?? '']
  return own === undefined ? ['sha256'] : [own, 'sha256']
}

const OF_CURVES: Readonly<Record<string, string>> = { secp384r1: 'sha384', secp521r1: 'sha512' }

function holds(digest: string | null, { key, bytes, signature }: { key: KeyObject; bytes: Buffer; signature: Buffer }): boolean {
  try {
    return verify(digest, bytes, key, signature)
  } catch {
    // A signature of another kind of key is no signature of this one.
    return false
  }
}
