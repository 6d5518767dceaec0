import type { Digest } from '@gocker/oci'
import { writeFileAtomic } from './atomic-file.ts'
import { doing, hasErrno, unless } from './error.ts'
import { makeHeldDirectory } from './held.ts'
import { withLock } from './lock.ts'
import { renameInto } from './move.ts'
import type { StorePaths } from './paths.ts'
import { rm, stat } from './quick-files.ts'
import { removeTree } from './tree.ts'

export interface LayerFacts {
  /** Bytes on disk. */
  readonly size?: number
  /** `directory` unless given. */
  readonly form?: LayerForm
}

/** A layer is a directory, or a file that is mounted where the directory would be. */
export type LayerForm = 'directory' | 'erofs'

export interface LayerDraft {
  readonly dir: string
  /** Where the layer's image goes, where it is to be one: in the directory, which is empty otherwise, and stays so. */
  readonly image: string
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
    image: imageIn(dir),
    async commit(diffID, facts = {}) {
      try {
        // One at a time: of two that make the same layer, one may make a directory of it, and the other an image.
        const show = () =>
          withLock(paths.lock('layer-forms'), 'exclusive', () => showLayer(paths, { dir, diffID, facts }), { transient: true })
        return await doing(`keeping layer ${diffID}`, show)
      } finally {
        // Once renamed there is nothing left to remove; else this one was not needed, or failed.
        await abort()
      }
    },
    abort,
  }
}

function imageIn(dir: string): string {
  return `${dir}/image`
}

async function showLayer(paths: StorePaths, layer: { dir: string; diffID: Digest; facts: LayerFacts }): Promise<string> {
  const target = paths.layer(layer.diffID)
  if ((await stat(target).catch(unless('ENOENT'))) !== undefined) return target
  const image = paths.layerImage(layer.diffID)
  // First, so that no layer is seen without it. One that is there already was left by who died here, or while he removed it.
  if (layer.facts.form === 'erofs') await renameInto(imageIn(layer.dir), image)
  else await rm(image, { force: true })
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
