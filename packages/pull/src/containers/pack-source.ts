import { Ring, type RingMemory } from '../layers/ring.ts'
import type { LayerTaskResult } from '../layers/thread-task.ts'
import { reading } from '../pack/reading.ts'
import { TarOutput } from '../pack/tar-output.ts'
import { CopiedTree } from './copied-tree.ts'
import type { CopyFrom } from './copy-task.ts'
import { enterContainer } from './enter-container.ts'
import { findSource } from './source.ts'

/**
 * Packs a file or a directory into a ring. The calling thread goes into the container for that, for good.
 * @throws {PullError}
 */
export function packSource({ place, path, follow, alone, ring }: CopyFrom & { readonly ring: RingMemory }): LayerTaskResult {
  const output = new TarOutput(new Ring(ring))
  if (place !== 'host') reading(`the files of container ${place.name}`, () => enterContainer(place, { alone }))
  const entries = new CopiedTree(output, { isImage: alone }).pack(findSource(path, follow))
  return { entries, ...output.finish() }
}
