import type { Compression } from '@gocker/oci'
import { PullError } from '../error.ts'

export interface Tarball {
  readonly compression: Compression
  /** From the first byte on. */
  readonly content: AsyncIterable<Uint8Array>
}

/** Bytes at the beginning that say how something is compressed. */
export const MAGIC_LENGTH = 6
const SUPPORTED: readonly (readonly [compression: Compression, magic: RegExp])[] = [
  ['gzip', /^1f8b/],
  ['zstd', /^(28b52ffd|5.2a4d18)/],
]
const UNSUPPORTED: readonly (readonly [name: string, magic: RegExp])[] = [
  ['xz', /^fd377a585a00/],
  ['bzip2', /^425a68/],
  ['lzma', /^5d0000/],
  ['lz4', /^04224d18/],
  ['lzip', /^4c5a4950/],
  ['zip', /^504b0304/],
]

/**
 * Looks how a tarball is compressed.
 * @throws {PullError} `UNSUPPORTED_MEDIA_TYPE`, `BAD_ARCHIVE` when there is nothing at all
 */
export async function openTarball(source: AsyncIterable<Uint8Array>): Promise<Tarball> {
  const iterator = source[Symbol.asyncIterator]()
  let start: Uint8Array = Buffer.alloc(0)
  while (start.length < MAGIC_LENGTH) {
    const { value, done } = await iterator.next()
    if (done === true) break
    start = Buffer.concat([start, value])
  }
  if (start.length === 0) throw new PullError('BAD_ARCHIVE', 'reading the tarball: it is empty')
  return { compression: compressionOf(Buffer.from(start.subarray(0, MAGIC_LENGTH)).toString('hex')), content: continued(start, iterator) }
}

/**
 * @param magic the first bytes, in hexadecimal
 * @throws {PullError} `UNSUPPORTED_MEDIA_TYPE`
 */
export function compressionOf(magic: string): Compression {
  const unsupported = UNSUPPORTED.find(([, pattern]) => pattern.test(magic))?.[0]
  if (unsupported === undefined) return SUPPORTED.find(([, pattern]) => pattern.test(magic))?.[0] ?? 'none'
  throw new PullError('UNSUPPORTED_MEDIA_TYPE', `reading the tarball: it is compressed by ${unsupported}`, {
    hint: `give it uncompressed, or by gzip or zstd: ${unsupported} -dc FILE | gocker import - NAME`,
  })
}

async function* continued(start: Uint8Array, iterator: AsyncIterator<Uint8Array>): AsyncIterable<Uint8Array> {
  try {
    yield start
    for (let next = await iterator.next(); next.done !== true; next = await iterator.next()) yield next.value
  } finally {
    await iterator.return?.()
  }
}
