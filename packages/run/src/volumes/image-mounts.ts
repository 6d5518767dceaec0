import { chmodSync, chownSync, mkdirSync, statSync } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { type BundlePaths, type ContainerImage, type NamedImage, removeTree, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import type { ImageRequest, MountRequest, OverlayRequest, PlacedRequest } from '../options/mount-request.ts'
import { type LayerEntry, LayerView } from '../rootfs/layer-view.ts'
import { requireStackable } from '../rootfs/stack-limit.ts'

export interface ImagePlaces {
  readonly store: Store
  readonly bundle: BundlePaths
  /** As the container's record has them. */
  readonly images: readonly Pick<ContainerImage, 'name' | 'layers'>[]
}

/**
 * The images among the mounts, each once.
 * @throws {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function findImages({ images }: Store, mounts: readonly MountRequest[] = []): Promise<NamedImage[]> {
  const names = new Set(mounts.flatMap((mount) => (mount.type === 'image' ? [mount.source] : [])))
  return await Promise.all([...names].map(async (name) => ({ name, image: await images.get(name) })))
}

/**
 * The mounts, and those that are images as overlays of their layers. Nothing is made.
 * @throws {RunError} `NO_SUCH_SOURCE`
 */
export function placeMounts(mounts: readonly MountRequest[] = [], places: ImagePlaces): PlacedRequest[] {
  return mounts.map((mount, index) => (mount.type === 'image' ? placeImage(mount, index, places) : mount))
}

/** The directories in which what is written into images lands, all of them new: what was written before is gone. */
export async function makeRoomAboveImages(mounts: readonly MountRequest[] = [], places: ImagePlaces): Promise<void> {
  const files = places.store.layers.files()
  try {
    for (const [index, mount] of mounts.entries()) {
      if (mount.type !== 'image' || mount.readOnly) continue
      const { lowers, upper } = placeImage(mount, index, places)
      if (upper !== undefined) await makeRoom(upper, files.of(lowers)[0] ?? '')
    }
  } finally {
    files.close()
  }
}

async function makeRoom({ directory, work }: NonNullable<OverlayRequest['upper']>, below: string): Promise<void> {
  await removeTree(dirname(directory))
  for (const made of [directory, work]) mkdirSync(made, { recursive: true })
  // What lies on top of an overlay is what is seen of both.
  const { uid, gid, mode } = statSync(below)
  chownSync(directory, uid, gid)
  chmodSync(directory, mode & 0o7777)
}

function placeImage(request: ImageRequest, index: number, { store, bundle, images }: ImagePlaces): OverlayRequest {
  const { source, destination, readOnly } = request
  const layers = store.layers.stack(images.find(({ name }) => name === source)?.layers ?? [])
  if (layers.length === 0) throw noSuchSource(request, 'it has no files')
  requireStackable(layers, source)
  const { lowers, ...part } = request.subpath === undefined ? { lowers: layers } : partOf(store, request, layers)
  const stack = { type: 'overlay', destination, ...part } as const
  // Two at least, and the lowest may be empty.
  if (readOnly) return { ...stack, lowers: lowers.length === 1 ? [...lowers, bundle.rootfs] : lowers }
  const room = join(bundle.mounts, `${index}`)
  return { ...stack, lowers, upper: { directory: join(room, 'upper'), work: join(room, 'work') } }
}

/** Symlinks are followed as the image's own programs would see them. */
function partOf(store: Store, request: ImageRequest, layers: readonly string[]): Pick<OverlayRequest, 'lowers' | 'file'> {
  const { subpath = '' } = request
  const files = store.layers.files()
  try {
    const readable = files.of(layers)
    const lowersOf = (places: readonly string[]) => places.map((place) => inLayers(place, readable, layers))
    const view = new LayerView(readable)
    const entry = view.find(subpath)
    if (entry === undefined) throw noSuchSource(request, 'it does not exist')
    if (entry.kind === 'directory') return { lowers: lowersOf(entry.places) }
    const above = view.find(dirname(entry.path)) as LayerEntry & { kind: 'directory' }
    return { lowers: lowersOf(above.places), file: basename(entry.path) }
  } finally {
    files.close()
  }
}

/** Its path in the container's mounts, where each layer is where its directory is. */
function inLayers(path: string, readable: readonly string[], layers: readonly string[]): string {
  const layer = readable.findIndex((root) => path === root || path.startsWith(`${root}/`))
  return `${layers[layer]}${path.slice(readable[layer]?.length)}`
}

function noSuchSource({ source, subpath, destination }: ImageRequest, why: string): RunError {
  const what = subpath === undefined ? `image ${source}` : `${subpath} of image ${source}`
  return new RunError('NO_SUCH_SOURCE', `mounting ${what} on ${destination}: ${why}`)
}
