import { createHash } from 'node:crypto'
import { type Digest, digestAlgorithm } from '@gocker/oci'

/** The digest of `bytes` by the algorithm of `like`, which is what they are to be compared with. */
export function digestLike(like: Digest, bytes: Uint8Array): Digest {
  const algorithm = digestAlgorithm(like)
  return `${algorithm}:${createHash(algorithm).update(bytes).digest('hex')}`
}

/** The same of all bytes of a stream. */
export async function streamDigestLike(like: Digest, bytes: AsyncIterable<Uint8Array>): Promise<Digest> {
  const algorithm = digestAlgorithm(like)
  const hash = createHash(algorithm)
  for await (const chunk of bytes) hash.update(chunk)
  return `${algorithm}:${hash.digest('hex')}`
}
