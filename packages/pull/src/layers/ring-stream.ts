import { Writable } from 'node:stream'
import type { Ring } from './ring.ts'

/** Copies what is written into a ring's slots, each filled to its end; waits where the other thread is behind. `onTaken` is told all bytes so far. */
export function ringStream(ring: Ring, onTaken?: (bytes: number) => void): Writable {
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
