import { join } from 'node:path'
import { openCgroup } from '@gocker/kernel'
import type { Blobs } from './blobs.ts'
import { type ContainerRecord, imagesOfContainer, listRecords } from './container-record.ts'
import { type Content, contentInUse, without } from './content.ts'
import { takeContentAway } from './content-removal.ts'
import { pruneContainers } from './dead-containers.ts'
import { listDigests } from './digest-directory.ts'
import { unless } from './error.ts'
import { imageId } from './image-lookup.ts'
import { entryName, type IndexEntry, isImageEntry } from './index-entry.ts'
import { updateIndex } from './index-file.ts'
import { takingContent } from './keeping.ts'
import { pruneLayerImages, pruneLocks, pruneNames, pruneTemporaries, pruneVolumeFacts } from './leftovers.ts'
import { CGROUP_PARENT, type StorePaths } from './paths.ts'
import { beginPruning, type PrunedItem, type PruneFailure, type Pruning } from './pruning.ts'
import { readdir } from './quick-files.ts'
import { removeTree } from './tree.ts'

/** Without options: what a killed gocker left, and what nothing refers to. */
export interface PruneOptions {
  /** Also every container that does not run, or those of them that this is true of. */
  readonly stoppedContainers?: boolean | ((container: ContainerRecord) => boolean)
  /** Containers, and what is left of them, and nothing else. */
  readonly containersOnly?: boolean
  /** Also images without a name that no container uses. */
  readonly danglingImages?: boolean
  /** Also images with a name that no container uses. */
  readonly unusedImages?: boolean
  /** Also what builds keep to be quick. */
  readonly buildCache?: boolean
  readonly signal?: AbortSignal | undefined
}

export interface PruneReport {
  readonly removed: readonly PrunedItem[]
  /** What could not be removed, and why. */
  readonly failed: readonly PruneFailure[]
  /** Bytes. */
  readonly freed: number
  /** A pull or a build was at work, so images, blobs and layers were left alone. */
  readonly busy: boolean
}

/** Store.prune: from what refers to what is referred to, so that one pass finds all. */
export async function prune(place: { paths: StorePaths; blobs: Blobs }, options: PruneOptions): Promise<PruneReport> {
  const pruning = beginPruning(place, options.signal)
  const { stoppedContainers: stopped = false } = options
  await pruneContainers(pruning, typeof stopped === 'function' ? stopped : () => stopped)
  openCgroup(CGROUP_PARENT).removeIfEmpty()
  await pruneNames(pruning)
  if (options.containersOnly === true) return reportOf(pruning, { busy: false })
  if (options.buildCache === true) await pruneBuildCache(pruning)
  const busy = !(await pruneContent(pruning, options))
  await pruneTemporaries(pruning)
  await pruneLayerImages(pruning)
  await pruneVolumeFacts(pruning)
  await pruneLocks(pruning)
  return reportOf(pruning, { busy })
}

function reportOf({ removed, failed }: Pruning, { busy }: Pick<PruneReport, 'busy'>): PruneReport {
  return { removed, failed, freed: removed.reduce((total, { size }) => total + size, 0), busy }
}

async function pruneBuildCache({ paths, remove }: Pruning): Promise<void> {
  const names = (await readdir(paths.buildCaches).catch(unless('ENOENT'))) ?? []
  for (const name of names.filter((name) => name.endsWith('.json')))
    await remove('build-cache', name, () => removeTree(join(paths.buildCaches, name)))
  const compressed = await readdir(paths.compressedLayers).catch(unless('ENOENT'))
  if (compressed !== undefined) await remove('build-cache', 'compressed', () => removeTree(paths.compressedLayers))
}

/** @returns false when somebody is bringing content just now */
async function pruneContent(pruning: Pruning, options: PruneOptions): Promise<boolean> {
  const { paths, blobs, removed } = pruning
  const taken = await takingContent(paths, async () => {
    await pruneImages(pruning, options)
    const garbage = without(await contentPresent(paths), await contentInUse(paths, blobs))
    return await takeContentAway(paths, garbage)
  })
  for (const { kind, digest, size } of (await taken?.result()) ?? []) removed.push({ kind, name: digest, size })
  return taken !== undefined
}

async function contentPresent(paths: StorePaths): Promise<Content> {
  return { blobs: new Set(await listDigests(paths.blobs)), layers: new Set(await listDigests(paths.layers)) }
}

async function pruneImages({ paths, blobs, removed }: Pruning, { danglingImages, unusedImages }: PruneOptions): Promise<void> {
  if (danglingImages !== true && unusedImages !== true) return
  const used = new Set<string>((await listRecords(paths)).flatMap(imagesOfContainer).map(({ id }) => id))
  await updateIndex(paths, async (entries) => {
    const kept: IndexEntry[] = []
    for (const entry of entries) {
      const isCandidate = isImageEntry(entry) && (unusedImages === true || entryName(entry) === undefined)
      const id = isCandidate ? await imageId(blobs, entry) : undefined
      if (!isCandidate || (id !== undefined && used.has(id))) kept.push(entry)
      else removed.push({ kind: 'image', name: entryName(entry) ?? id ?? entry.digest, size: 0 })
    }
    return { entries: kept, result: undefined }
  })
}
