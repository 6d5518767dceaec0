import { createHash } from 'node:crypto'
import type { TarSink } from '../tar-reader/tar-entry.ts'
import { TarReader } from '../tar-reader/tar-reader.ts'
import { Ring, type RingMemory } from './ring.ts'
import type { LayerTaskResult } from './thread-task.ts'

/** Reads the archive that comes by a ring into what becomes of its entries, and says what it was. */
export interface RingReader {
  into(sink: TarSink): Omit<LayerTaskResult, 'entries'>
}

/** To be made before the thread changes its root: a hash may load what is on this machine. */
export function ringReader(memory: RingMemory): RingReader {
  const hash = createHash('sha256')
  const ring = new Ring(memory)
  return {
    into(sink) {
      const reader = new TarReader(sink)
      let size = 0
      for (let slot = ring.waitForFilled(); slot !== null; slot = ring.waitForFilled()) {
        hash.update(slot)
        reader.write(slot)
        size += slot.length
        ring.empty()
      }
      reader.close()
      return { size, diffID: `sha256:${hash.digest('hex')}` }
    },
  }
}
