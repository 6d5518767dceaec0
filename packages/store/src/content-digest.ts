import type { Hash } from 'node:crypto'
import { type Digest, type DigestAlgorithm, digestAlgorithm } from '@gocker/oci'

/** A running digest. */
export class Digester {
  readonly #algorithm: DigestAlgorithm
  readonly #hash: Hash

  constructor(algorithm: DigestAlgorithm) {
    this.#algorithm = algorithm
    // Loaded here: node:crypto costs milliseconds, and starting a container digests nothing.
    this.#hash = process.getBuiltinModule('node:crypto').createHash(algorithm)
  }

  update(bytes: Uint8Array): void {
    this.#hash.update(bytes)
  }

  digest(): Digest {
    return `${this.#algorithm}:${this.#hash.digest('hex')}`
  }
}

/** The digest of `bytes` by the algorithm of `like`. */
export function contentDigest(like: Digest, bytes: Uint8Array): Digest {
  const digester = new Digester(digestAlgorithm(like))
  digester.update(bytes)
  return digester.digest()
}
