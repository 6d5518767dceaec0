import { constants } from 'node:fs'
import { rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { removeTree, type Store, tryOpenLocked } from '@gocker/store'
import { type CacheItem, cacheItems } from './cache-items.ts'

export interface PruneCacheOptions {
  readonly store: Store
  /** Also steps whose layer an image has: that frees nothing, and the next build makes them again. */
  readonly all?: boolean
  /** Bytes that may stay; what was used least recently goes first. */
  readonly keepStorage?: number
  /** Only what was not used since. */
  readonly unusedSince?: Date
  readonly signal?: AbortSignal
}

export interface PrunedCache {
  readonly removed: readonly CacheItem[]
  /** Bytes. */
  readonly freed: number
  /** A build or a pull is at work: what its layers take is freed by a later prune. */
  readonly busy: boolean
}

/**
 * Removes what builds keep to be quick. Builds that run are not disturbed: they have what they found, and cache mounts that they use stay.
 * @throws the signal's reason
 */
export async function pruneCache({ store, all = false, keepStorage = 0, unusedSince, signal }: PruneCacheOptions): Promise<PrunedCache> {
  const items = await cacheItems(store)
  const removed: CacheItem[] = []
  let kept = items.reduce((total, { size }) => total + size, 0)
  for (const item of items) {
    signal?.throwIfAborted()
    if (keepStorage > 0 && kept <= keepStorage) break
    if ((item.isShared && !all) || (unusedSince !== undefined && item.lastUsed >= unusedSince)) continue
    if (!(await remove(item))) continue
    removed.push(item)
    kept -= item.size
  }
  const content = await store.prune({ signal })
  const layers = content.removed.filter(({ kind }) => kind === 'blob' || kind === 'layer')
  const mounts = removed.filter(({ kind }) => kind === 'mount')
  return { removed, freed: [...layers, ...mounts].reduce((total, { size }) => total + size, 0), busy: content.busy }
}

/** @returns whether it is gone; a cache mount in use stays */
async function remove({ kind, path }: CacheItem): Promise<boolean> {
  if (kind === 'mount') return await removeMount(path)
  await rm(path, { force: true })
  return true
}

/** Its files lose their name first: nobody takes half of them for a cache. */
async function removeMount(path: string): Promise<boolean> {
  const lock = await tryOpenLocked(path, { flags: constants.O_RDONLY | constants.O_DIRECTORY, patience: 0 })
  if (lock === undefined) return false
  try {
    await rename(join(path, 'files'), join(path, 'draft')).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT' && error.code !== 'ENOTEMPTY') throw error
    })
    await removeTree(path)
    return true
  } finally {
    await lock.close()
  }
}
