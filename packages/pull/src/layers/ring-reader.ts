import { createHash } from 'node:crypto'
import type { Compression } from '@gocker/oci'
import type { TarSink } from '../tar-reader/tar-entry.ts'
import { TarReader } from '../tar-reader/tar-reader.ts'
import { Inflater } from './inflater.ts'
import { Ring, type RingMemory } from './ring.ts'
import type { LayerTaskResult } from './thread-task.ts'

/** Reads the archive that comes by a ring into what becomes of its entries, and says what it was. */
export interface RingReader {
  /** @param take is given the archive's bytes, each piece before the sink is told of what is in it */
  into(sink: TarSink, take?: (bytes: Buffer) => void): Omit<LayerTaskResult, 'entries'>
}

/** To be made before the thread changes its root: a hash may load what is on this machine. */
export function ringReader(memory: RingMemory, compression: Compression = 'none'): RingReader {
  const hash = createHash('sha256')
  const ring = new Ring(memory)
  return {
    into(sink, take) {
      const reader = new TarReader(sink)
      let size = 0
      const read = (piece: Buffer) => {
        hash.update(piece)
        take?.(piece)
        reader.write(piece)
        size += piece.length
      }
      emptyRing(ring, compression, read)
      reader.close()
      return { size, diffID: `sha256:${hash.digest('hex')}` }
    },
  }
}

/** Takes all that comes by a ring, without its compression. */
export function emptyRing(ring: Ring, compression: Compression, read: (piece: Buffer) => void): void {
  const inflater = compression === 'none' ? undefined : new Inflater(compression, read)
  for (let slot = ring.waitForFilled(); slot !== null; slot = ring.waitForFilled()) {
    if (inflater === undefined) read(slot)
    else inflater.write(slot)
    ring.empty()
  }
  inflater?.end()
}
