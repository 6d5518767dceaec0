import { createHash } from 'node:crypto'
import { Readable } from 'node:stream'
import { type Descriptor, digestAlgorithm } from '@gocker/oci'
import type { BlobWriter } from '@gocker/store'
import { PullError } from '../error.ts'

/** Takes a blob's bytes and verifies them, as a writer of the store does, and keeps nothing. Another pull cannot go on where it ended. */
export function checkedBlob({ digest, size }: Pick<Descriptor, 'digest' | 'size'>): BlobWriter {
  const doing = `fetching blob ${digest}`
  const algorithm = digestAlgorithm(digest)
  const hash = createHash(algorithm)
  let offset = 0
  return {
    get offset() {
      return offset
    },
    written: () => Readable.from([]),
    write(chunk) {
      offset += chunk.length
      if (offset > size) throw new PullError('SIZE_MISMATCH', `${doing}: more than the expected ${size} bytes came`)
      hash.update(chunk)
      return undefined
    },
    async commit() {
      if (offset < size) throw new PullError('SIZE_MISMATCH', `${doing}: ${offset} bytes came, expected ${size}`)
      const actual = `${algorithm}:${hash.digest('hex')}`
      if (actual !== digest) throw new PullError('DIGEST_MISMATCH', `${doing}: expected ${digest}, got ${actual}`)
      return digest
    },
    abort: async () => {},
  }
}
