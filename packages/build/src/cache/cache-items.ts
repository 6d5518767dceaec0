import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { Digest } from '@gocker/oci'
import { type Store, treeSize } from '@gocker/store'
import type { StepResult } from './step-cache.ts'

/** Something that builds keep to be quick. */
export interface CacheItem {
  /** A step's result, or the directory of a cache mount. */
  readonly kind: 'step' | 'mount'
  readonly path: string
  /** The key, or the mount's id. */
  readonly name: string
  /** Bytes on disk that go when it goes; 0 where an image has the same layer. */
  readonly size: number
  readonly lastUsed: Date
  /** An image has the same layer. */
  readonly isShared: boolean
}

/** All that is kept, least recently used first. */
export async function cacheItems(store: Store): Promise<CacheItem[]> {
  const images = await store.images.list()
  const ofImages = new Set(images.flatMap(({ layers }) => layers))
  const steps = byUse(await each(store.paths.buildCaches, readStep))
  const mounts = await each(store.paths.cacheMounts, readMount)
  // A layer that several steps came to goes with the one that was used last.
  const last = new Map(steps.map(({ path, layer }) => [layer?.diffID, path]))
  const sized: CacheItem[] = []
  for (const { path, name, lastUsed, layer } of steps) {
    const isShared = layer !== undefined && ofImages.has(layer.diffID)
    const isOwn = layer !== undefined && !isShared && last.get(layer.diffID) === path
    sized.push({
      kind: 'step',
      path,
      name,
      lastUsed,
      isShared,
      size: isOwn ? await layerSize(store, layer.diffID, layer.descriptor.size) : 0,
    })
  }
  return byUse([...sized, ...mounts])
}

interface FoundStep {
  readonly path: string
  readonly name: string
  readonly lastUsed: Date
  readonly layer: StepResult['layer']
}

async function readStep(directory: string, file: string): Promise<FoundStep | undefined> {
  if (!/^[0-9a-f]+\.json$/.test(file)) return undefined
  const path = join(directory, file)
  const { mtime } = await stat(path)
  return { path, name: file.replace(/\.json$/, ''), lastUsed: mtime, layer: layerIn(await readFile(path, 'utf8')) }
}

/** What cannot be read is of no use, and takes no room to speak of. */
function layerIn(text: string): StepResult['layer'] {
  try {
    return (JSON.parse(text) as { result: StepResult }).result.layer
  } catch {
    return undefined
  }
}

async function readMount(directory: string, name: string): Promise<CacheItem> {
  const path = join(directory, name)
  const { mtime } = await stat(path)
  const id = await readFile(join(path, 'id'), 'utf8').catch(() => name)
  return { kind: 'mount', path, name: id, lastUsed: mtime, isShared: false, size: await treeSize(path) }
}

/** The layer, unpacked, and its tar. */
async function layerSize(store: Store, diffID: Digest, packed: number): Promise<number> {
  return (await store.layers.has(diffID)) ? packed + (await store.layers.size(diffID)) : 0
}

/** What goes meanwhile is passed over. */
async function each<T>(directory: string, read: (directory: string, name: string) => Promise<T | undefined>): Promise<T[]> {
  const names = await readdir(directory).catch(passOverMissing)
  const found = await Promise.all((names ?? []).map((name) => read(directory, name).catch(passOverMissing)))
  return found.filter((item) => item !== undefined)
}

function passOverMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

function byUse<T extends { readonly lastUsed: Date }>(items: readonly T[]): T[] {
  return [...items].sort((a, b) => a.lastUsed.getTime() - b.lastUsed.getTime())
}
