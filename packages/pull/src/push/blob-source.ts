import { createHash } from 'node:crypto'
import { pipeline, Transform } from 'node:stream'
import type { Descriptor, Digest } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { keptBlob } from '../transfer/kept-blob.ts'
import { compressor, type LayerCompression } from './compression.ts'

export type BlobFacts = Pick<Descriptor, 'digest' | 'size'>

/** The bytes of a blob that leaves, as often as they are asked for. */
export interface BlobSource {
  /** For messages. */
  readonly name: Digest
  /** What the bytes come to; `undefined` until they have been read once to their end. */
  readonly facts: () => BlobFacts | undefined
  open(offset: number): AsyncIterable<Uint8Array>
}

interface SourceOptions {
  readonly store: Store
  /** Told of the stored bytes as they are read. */
  readonly onBytes?: ((count: number) => void) | undefined
}

/** A blob as it is in the store; whoever receives it verifies it. */
export function storedSource({ digest, size }: BlobFacts, { store, onBytes }: SourceOptions): BlobSource {
  return {
    name: digest,
    facts: () => ({ digest, size }),
    async *open(offset) {
      for await (const chunk of keptBlob(store, digest, { offset })) {
        onBytes?.(chunk.length)
        yield chunk
      }
    },
  }
}

/**
 * A plain blob of the store, compressed as it is read; verified, since nobody knows beforehand what it comes to.
 * @param known what it came to before
 */
export function compressedSource(
  { digest }: BlobFacts,
  compression: LayerCompression,
  { store, onBytes, known }: SourceOptions & { readonly known: BlobFacts | undefined },
): BlobSource {
  let facts = known
  async function* open(offset: number): AsyncGenerator<Uint8Array> {
    const compressed = compressor(compression)
    const source = keptBlob(store, digest)
    // Whatever fails comes out of the last stream, which is read here.
    pipeline(source, verifying(digest, onBytes), compressed, () => {})
    const hash = createHash('sha256')
    let size = 0
    for await (const chunk of compressed as AsyncIterable<Buffer>) {
      hash.update(chunk)
      const from = size
      size += chunk.length
      if (size > offset) yield from < offset ? chunk.subarray(offset - from) : chunk
    }
    facts = { digest: `sha256:${hash.digest('hex')}`, size }
  }
  return { name: digest, facts: () => facts, open }
}

function verifying(digest: Digest, onBytes: SourceOptions['onBytes']): Transform {
  const [algorithm = ''] = digest.split(':')
  const hash = createHash(algorithm)
  return new Transform({
    transform(chunk: Buffer, _, callback) {
      hash.update(chunk)
      onBytes?.(chunk.length)
      callback(null, chunk)
    },
    flush(callback) {
      const actual = `${algorithm}:${hash.digest('hex')}`
      callback(actual === digest ? null : new PullError('DIGEST_MISMATCH', `reading blob ${digest}: its content has the digest ${actual}`))
    },
  })
}
