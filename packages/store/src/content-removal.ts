import type { Digest } from '@gocker/oci'
import type { Content } from './content.ts'
import { takeLayerAway } from './layers.ts'
import type { Trash } from './move.ts'
import type { StorePaths } from './paths.ts'
import { removeTree } from './tree.ts'

interface RemovedContent {
  readonly kind: 'blob' | 'layer'
  readonly digest: Digest
  /** Bytes freed. */
  readonly size: number
}

/**
 * Takes blobs and layers away, while the caller keeps everybody from using them.
 * @returns what removes the layers' files, which may be done when others are at work again
 */
export async function takeContentAway(paths: StorePaths, content: Content): Promise<() => Promise<RemovedContent[]>> {
  const removed: RemovedContent[] = []
  const trash: { digest: Digest; layer: Trash }[] = []
  for (const digest of content.layers) {
    const layer = await takeLayerAway(paths, digest)
    if (layer !== undefined) trash.push({ digest, layer })
  }
  for (const digest of content.blobs) {
    const size = await removeTree(paths.blob(digest))
    if (size > 0) removed.push({ kind: 'blob', digest, size })
  }
  return async () => {
    for (const { digest, layer } of trash) removed.push({ kind: 'layer', digest, size: await layer.empty() })
    return removed
  }
}
