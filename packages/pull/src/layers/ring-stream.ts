import { Writable } from 'node:stream'
import type { Ring } from './ring.ts'

export interface RingStreamOptions {
  /** Told all bytes so far. */
  readonly onTaken?: ((bytes: number) => void) | undefined
  /** Nobody else reads what is written, neither before nor after. */
  readonly ownsChunks: boolean
}

/** Copies what is written into a ring's slots, each filled to its end; waits where the other thread is behind. */
export function ringStream(ring: Ring, { onTaken, ownsChunks }: RingStreamOptions): Writable {
  let used = 0
  let taken = 0

  async function put(chunk: Buffer): Promise<void> {
    for (let at = 0; at < chunk.length; ) {
      const slot = ring.emptySlot() ?? (await ring.whenEmpty())
      const copied = chunk.copy(slot, used, at)
      at += copied
      used += copied
      if (used === slot.length) flush()
    }
    taken += chunk.length
    if (ownsChunks) free(chunk)
    onTaken?.(taken)
  }

  function flush(): void {
    ring.fill(used)
    used = 0
  }

  async function end(): Promise<void> {
    if (used > 0) flush()
    await ring.whenEmpty()
    ring.end()
  }

  return new Writable({
    write(chunk: Buffer, _encoding, done) {
      put(chunk).then(() => done(), done)
    },
    final(done) {
      end().then(() => done(), done)
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
