import { Writable } from 'node:stream'
import type { Ring } from './ring.ts'
import { RingFeed } from './ring-feed.ts'

/**
 * Passes on what zlib makes.
 * @param onTaken told all bytes so far
 */
export function ringStream(ring: Ring, onTaken?: (bytes: number) => void): Writable {
  const feed = new RingFeed(ring)
  let taken = 0

  async function put(chunk: Buffer): Promise<void> {
    await feed.put(chunk)
    taken += chunk.length
    free(chunk)
    onTaken?.(taken)
  }

  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      put(chunk).then(() => done(), done)
    },
    final(done) {
      feed.end().then(() => done(), done)
    },
  })
}

/**
 * Gives the memory back now: the collector would come late, as it sees small objects alone, and then all pages would be new ones. zlib goes on
 * writing behind a chunk in the same memory, until that is full.
 */
function free({ buffer, byteOffset, byteLength }: Buffer): void {
  if (byteOffset + byteLength === buffer.byteLength && buffer instanceof ArrayBuffer) buffer.transfer(0)
}
