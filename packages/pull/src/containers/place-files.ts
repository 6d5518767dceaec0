import { enterRoot } from '../layers/enter-root.ts'
import { layerFile } from '../layers/layer-files.ts'
import type { RingMemory } from '../layers/ring.ts'
import { ringReader } from '../layers/ring-reader.ts'
import type { LayerTaskResult } from '../layers/thread-task.ts'
import { reading } from '../pack/reading.ts'
import type { ByteText } from '../tar-reader/tar-entry.ts'
import type { CopyTo } from './copy-task.ts'
import { enterContainer } from './enter-container.ts'
import { PlacedFiles } from './placed-files.ts'

/**
 * Writes the archive of a ring to where it lands. The calling thread goes into the container for that, or into the directory of the host, for
 * good: no name and no symlink of an archive leads out.
 * @throws {PullError}
 */
export function placeFiles({ place, path, isArchive, owner, ring }: CopyTo & { readonly ring: RingMemory }): LayerTaskResult {
  const archive = ringReader(ring)
  if (place !== 'host') reading(`the files of container ${place.name}`, () => enterContainer(place))
  const files = new PlacedFiles({
    destination: path,
    isArchive,
    owner,
    confine: place === 'host' ? enterDirectory : (directory) => directory,
  })
  const read = archive.into(files)
  return { ...read, entries: files.finish() }
}

function enterDirectory(directory: ByteText): ByteText {
  enterRoot(layerFile(directory))
  return ''
}
