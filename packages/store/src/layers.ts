import { rmSync } from 'node:fs'
import type { ImageMount } from '@gocker/kernel'
import { type Digest, digestAlgorithm, digestHex } from '@gocker/oci'
import { writeFileAtomic } from './atomic-file.ts'
import { listDigests } from './digest-directory.ts'
import { doing, unless } from './error.ts'
import { type LayerDraft, openLayerDraft } from './layer-draft.ts'
import { imagesOf, LayerFiles } from './layer-images.ts'
import { holdersOf } from './layer-mounts.ts'
import { withLock } from './lock.ts'
import { moveToTrash, type Trash } from './move.ts'
import type { StorePaths } from './paths.ts'
import { readFile, rm, stat } from './quick-files.ts'
import { treeSize } from './tree.ts'

/**
 * Layers by diffID, each a directory, or an image in a file and an empty directory to mount it on. A layer that can be seen was verified before it was given its name. Its files are not synced one by one (a layer
 * has thousands; it can be made again from its blob), so the promise holds for any death of a process, not for a power failure.
 */
export interface Layers {
  has(diffID: Digest): Promise<boolean>
  /** The directory that serves as an overlay lower directory, there or not. */
  path(diffID: Digest): string
  /**
   * An image's layers as overlayfs stacks them, the top first. One that comes twice counts where it comes last: it covers whatever the other
   * would show, and overlayfs takes no directory twice (ELOOP).
   * @param diffIDs as the image's config has them, the bottom first
   */
  stack(diffIDs: readonly Digest[]): string[]
  /** Of directories that {@link stack} gave, or that are in them: those layers that are images, to be mounted before an overlay is made of them. */
  images(directories: readonly string[]): ImageMount[]
  /** For who reads layers' files by their paths. */
  files(): LayerFiles
  /** Bytes on disk: as was said when it came, else counted now and remembered. @throws {StoreError} `NOT_FOUND` */
  size(diffID: Digest): Promise<number>
  list(): Promise<Digest[]>
  /** An empty directory (0755) to unpack a layer in. Held by a lock of the process, so that prune leaves it alone. */
  draft(): Promise<LayerDraft>
  /**
   * Runs `work` while no other process has the lock of this layer: who comes second waits, and then finds the layer.
   * @throws the signal's reason
   */
  withLayerLock<T>(diffID: Digest, work: () => Promise<T>, options?: { readonly signal?: AbortSignal | undefined }): Promise<T>
  /** Removes a layer that nothing uses; it may be gone already. Gives the bytes freed. */
  remove(diffID: Digest): Promise<number>
}

export function openLayers(paths: StorePaths): Layers {
  return {
    async has(diffID) {
      const found = await doing(`looking for layer ${diffID}`, () => stat(paths.layer(diffID)).catch(unless('ENOENT')))
      return found !== undefined
    },
    path: (diffID) => paths.layer(diffID),
    stack: (diffIDs) => [...new Set(diffIDs.toReversed())].map((diffID) => paths.layer(diffID)),
    images: (directories) => imagesOf(paths, directories),
    files: () => new LayerFiles(paths),
    size: (diffID) => doing(`measuring layer ${diffID}`, () => layerSize(paths, diffID)),
    list: () => doing('listing the layers', () => listDigests(paths.layers)),
    draft: () => doing('making a layer', () => openLayerDraft(paths)),
    withLayerLock(diffID, work, options = {}) {
      const lock = paths.lock(`layer-${digestAlgorithm(diffID)}-${digestHex(diffID)}`)
      return withLock(lock, 'exclusive', work, { ...options, transient: true })
    },
    async remove(diffID) {
      const trash = await doing(`removing layer ${diffID}`, () => takeLayerAway(paths, diffID))
      return (await trash?.empty()) ?? 0
    },
  }
}

/** The part of a removal that must be done while nobody uses the layer; its files may go later. */
export async function takeLayerAway(paths: StorePaths, diffID: Digest): Promise<Trash | undefined> {
  await rm(paths.layerFacts(diffID), { force: true })
  rmSync(holdersOf(paths, paths.layer(diffID)), { recursive: true, force: true })
  const trash = await moveToTrash(paths, paths.layer(diffID))
  // Last: a layer that is seen must not be without it.
  const image = await moveToTrash(paths, paths.layerImage(diffID))
  if (trash === undefined || image === undefined) return trash ?? image
  return { empty: async () => (await trash.empty()) + (await image.empty()) }
}

/** Bytes in one block of stat(2). */
const BLOCK = 512

async function layerSize(paths: StorePaths, diffID: Digest): Promise<number> {
  const image = await stat(paths.layerImage(diffID)).catch(unless('ENOENT'))
  if (image !== undefined) return image.blocks * BLOCK
  const known = await readFile(paths.layerFacts(diffID), 'utf8').catch(unless('ENOENT'))
  if (known !== undefined) return (JSON.parse(known) as { size: number }).size
  const size = await treeSize(paths.layer(diffID))
  await writeFileAtomic(paths.layerFacts(diffID), JSON.stringify({ size }))
  return size
}
