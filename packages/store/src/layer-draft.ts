import type { Digest } from '@gocker/oci'
import { writeFileAtomic } from './atomic-file.ts'
import { doing, hasErrno, unless } from './error.ts'
import { makeHeldDirectory } from './held.ts'
import { renameInto } from './move.ts'
import type { StorePaths } from './paths.ts'
import { stat } from './quick-files.ts'
import { removeTree } from './tree.ts'

export interface LayerFacts {
  /** Bytes on disk. */
  readonly size?: number
}

export interface LayerDraft {
  readonly dir: string
  /**
   * Shows the directory as the layer `diffID`, which the caller has verified. When the layer has come to be here meanwhile, that one stays and this goes.
   * @param facts what the caller has counted on the way
   * @returns the layer's directory
   */
  commit(diffID: Digest, facts?: LayerFacts): Promise<string>
  /** Removes the directory. Harmless after commit. */
  abort(): Promise<void>
}

export async function openLayerDraft(paths: StorePaths): Promise<LayerDraft> {
  const { path: dir, handle } = await makeHeldDirectory((random) => paths.tmp(`layer-${random}`))
  let isOpen = true
  const abort = async () => {
    if (!isOpen) return
    isOpen = false
    try {
      await removeTree(dir)
    } finally {
      await handle.close()
    }
  }
  return {
    dir,
    async commit(diffID, facts = {}) {
      try {
        return await doing(`keeping layer ${diffID}`, () => showLayer(paths, { dir, diffID, facts }))
      } finally {
        // Once renamed there is nothing left to remove; else this one was not needed, or failed.
        await abort()
      }
    },
    abort,
  }
}

async function showLayer(paths: StorePaths, layer: { dir: string; diffID: Digest; facts: LayerFacts }): Promise<string> {
  const target = paths.layer(layer.diffID)
  if ((await stat(target).catch(unless('ENOENT'))) !== undefined) return target
  try {
    await renameInto(layer.dir, target)
  } catch (error) {
    if (hasErrno(error, 'ENOTEMPTY', 'EEXIST')) return target
    throw error
  }
  const { size } = layer.facts
  if (size !== undefined) await writeFileAtomic(paths.layerFacts(layer.diffID), JSON.stringify({ size }))
  return target
}
