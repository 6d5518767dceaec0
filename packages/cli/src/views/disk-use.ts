import { cacheItems } from '@gocker/build'
import { type Digest, familiarName, parseReference } from '@gocker/oci'
import { imagesOfContainer, type Store, type StoredImage, treeSize } from '@gocker/store'
import { type ContainerView, viewContainers } from './container.ts'
import { statusText } from './container-row.ts'
import { mountsOf } from './mounts.ts'

/** What the store takes on the disk; sizes are bytes. */
export interface DiskUse {
  readonly images: Use<ImageUse>
  readonly containers: Use<ContainerUse>
  readonly volumes: Use<VolumeUse>
  readonly cache: Use<CacheUse>
}

export interface Use<Item> {
  readonly items: readonly Item[]
  /** What two share counts once. */
  readonly total: number
  /** What a prune of them would free. */
  readonly reclaimable: number
}

interface Used {
  readonly size: number
  readonly isActive: boolean
}

export interface ImageUse extends Used {
  readonly id: string
  readonly repository: string
  readonly tag: string
  readonly created: string | undefined
  /** Of its size, what other images have, too. */
  readonly shared: number
  readonly containers: number
}

export interface ContainerUse extends Used {
  readonly id: string
  readonly name: string
  readonly image: string
  readonly created: string
  readonly status: string
  readonly volumes: number
}

export interface VolumeUse extends Used {
  readonly name: string
  /** How many containers have it. */
  readonly links: number
}

export interface CacheUse extends Used {
  readonly kind: string
  readonly name: string
  readonly lastUsed: Date
}

export async function diskUse(store: Store): Promise<DiskUse> {
  const views = await viewContainers(store)
  const [images, containers, volumes, cache] = await Promise.all([
    imagesUse(store, views),
    containersUse(store, views),
    volumesUse(store),
    cacheUse(store),
  ])
  return { images, containers, volumes, cache }
}

async function imagesUse(store: Store, views: readonly ContainerView[]): Promise<Use<ImageUse>> {
  const images = await store.images.list()
  const sizes = new Map<Digest, number>()
  for (const diffID of new Set(images.flatMap(({ layers }) => layers))) sizes.set(diffID, await store.layers.size(diffID).catch(() => 0))
  const owners = new Map<Digest, number>()
  for (const { layers } of images) for (const diffID of new Set(layers)) owners.set(diffID, (owners.get(diffID) ?? 0) + 1)
  const sizeOf = (layers: Iterable<Digest>) => [...new Set(layers)].reduce((total, diffID) => total + (sizes.get(diffID) ?? 0), 0)
  const users = (image: StoredImage) => views.filter(({ record }) => imagesOfContainer(record).some(({ id }) => id === image.id)).length
  const items = images.map((image): ImageUse => {
    const containers = users(image)
    const shared = sizeOf(image.layers.filter((diffID) => (owners.get(diffID) ?? 0) > 1))
    return {
      ...nameOf(image),
      id: image.id,
      created: image.created,
      size: sizeOf(image.layers),
      shared,
      containers,
      isActive: containers > 0,
    }
  })
  const total = sizeOf(sizes.keys())
  const used = sizeOf(images.filter((image) => users(image) > 0).flatMap(({ layers }) => layers))
  return { items, total, reclaimable: total - used }
}

function nameOf({ references: [name] }: StoredImage): { repository: string; tag: string } {
  if (name === undefined) return { repository: '<none>', tag: '<none>' }
  const reference = parseReference(name)
  return { repository: familiarName(reference), tag: reference.tag ?? '<none>' }
}

async function containersUse({ paths }: Store, views: readonly ContainerView[]): Promise<Use<ContainerUse>> {
  const items = await Promise.all(
    views.map(async (view): Promise<ContainerUse> => {
      const { record, now } = view
      const { upper, volumes } = paths.bundle(record.id)
      const [written, anonymous] = await Promise.all([upper, volumes].map((path) => treeSize(path).catch(() => 0)))
      return {
        id: record.id,
        name: record.name,
        image: record.image?.name ?? '',
        created: record.created,
        status: statusText(view),
        volumes: mountsOf(view).filter(({ Type }) => Type === 'volume').length,
        size: (written ?? 0) + (anonymous ?? 0),
        isActive: ['running', 'paused', 'restarting'].includes(now.status),
      }
    }),
  )
  return summed(items)
}

async function volumesUse({ volumes }: Store): Promise<Use<VolumeUse>> {
  const users = await volumes.users()
  const items = await Promise.all(
    (await volumes.list()).map(async ({ name, path }): Promise<VolumeUse> => {
      const links = users.get(name)?.length ?? 0
      return { name, links, size: await treeSize(path).catch(() => 0), isActive: links > 0 }
    }),
  )
  return summed(items)
}

/** A step whose layer an image has takes nothing by itself. */
async function cacheUse(store: Store): Promise<Use<CacheUse>> {
  const items = (await cacheItems(store)).map(({ kind, name, size, lastUsed, isShared }) => ({
    kind,
    name,
    size,
    lastUsed,
    isActive: isShared,
  }))
  return summed(items)
}

function summed<Item extends Used>(items: readonly Item[]): Use<Item> {
  const sum = (some: readonly Item[]) => some.reduce((total, { size }) => total + size, 0)
  return { items, total: sum(items), reclaimable: sum(items.filter(({ isActive }) => !isActive)) }
}
