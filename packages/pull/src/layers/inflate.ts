import type { Writable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip, createZstdDecompress } from 'node:zlib'
import type { Compression } from '@gocker/oci'
import { badArchive } from '../tar-reader/bad-archive.ts'
import { splitZstdFrames } from './zstd-frames.ts'

// Bytes that a round of the pool's thread makes at most: big, so that the work counts and not the rounds.
const CHUNK_SIZE = 1 << 20

export interface InflateOptions {
  readonly source: AsyncIterable<Uint8Array>
  readonly compression: Compression
  readonly signal: AbortSignal
}

/**
 * Writes the content without its compression, made on libuv's pool. Several gzip members or zstd frames, one behind the other, are one content.
 * @throws {PullError} `BAD_ARCHIVE` when it is not what it is said to be, is cut short, or when something else follows
 */
export async function inflateInto(destination: Writable, { source, compression, signal }: InflateOptions): Promise<void> {
  if (compression === 'none') await pipeline(source, destination, { signal })
  else if (compression === 'gzip') await inflateBy(createGunzip({ chunkSize: CHUNK_SIZE }), { source, destination, signal })
  else await inflateBy(createZstdDecompress({ chunkSize: CHUNK_SIZE }), { source: splitZstdFrames(source), destination, signal })
}

type Engine = ReturnType<typeof createGunzip | typeof createZstdDecompress>

async function inflateBy(
  engine: Engine,
  { source, destination, signal }: { source: AsyncIterable<Uint8Array>; destination: Writable; signal: AbortSignal },
): Promise<void> {
  let fed = 0
  async function* counted(): AsyncIterable<Uint8Array> {
    for await (const chunk of source) {
      fed += chunk.length
      yield chunk
    }
  }
  try {
    await pipeline(counted(), engine, destination, { signal })
  } catch (error) {
    throw isEngineError(error) ? badArchive('a compressed layer', error.message, error) : error
  }
  // zlib is content with zeros behind the last member, and leaves them.
  if (engine.bytesWritten < fed) throw badArchive('a compressed layer', `${fed - engine.bytesWritten} bytes follow its end`)
}

function isEngineError(error: unknown): error is Error {
  const { code } = error as { code?: unknown }
  return typeof code === 'string' && /^Z(STD)?_/.test(code)
}
