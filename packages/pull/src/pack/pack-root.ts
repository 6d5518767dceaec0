import { Ring, type RingMemory } from '../layers/ring.ts'
import type { LayerTaskResult } from '../layers/thread-task.ts'
import type { ArchiveSink } from './pack-in-thread.ts'
import { packedBy } from './pack-in-thread.ts'
import { TarOutput } from './tar-output.ts'
import { TreePacker, type TreePackerOptions } from './tree-packer.ts'

export type PackRootOptions = TreePackerOptions

/**
 * Packs the root directory of the calling thread into a ring, for a caller that has threads of its own.
 * @throws {PullError} as packLayer
 */
export function packRoot(ring: RingMemory, options: PackRootOptions): LayerTaskResult {
  const output = new TarOutput(new Ring(ring))
  const entries = new TreePacker(output, options).pack()
  return { entries, ...output.finish() }
}

export interface ReceiveArchiveOptions {
  readonly signal?: AbortSignal | undefined
  /** Called at the end, also of what went well, and to break off: settles when nothing more is written into the ring. */
  readonly stop: () => Promise<void>
}

/**
 * Passes on the archive that another thread packs by {@link packRoot}.
 * @param pack has the thread do it
 * @throws what `pack` and the sink throw; the signal's reason
 */
export async function receiveArchive(
  pack: (ring: RingMemory) => Promise<LayerTaskResult>,
  { signal, stop }: ReceiveArchiveOptions,
  sink: ArchiveSink,
): Promise<LayerTaskResult> {
  const ring = new Ring(Ring.allocate(RING_SIZE))
  const result = pack(ring.memory)
  result.catch((reason) => ring.close(reason))
  return await packedBy({ ring, result, stop }, signal, sink)
}

const RING_SIZE = { slots: 4, slotSize: 1 << 19 }
