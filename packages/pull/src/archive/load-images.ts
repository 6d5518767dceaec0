import { availableParallelism } from 'node:os'
import { hostPlatform, type Platform, parsePlatform } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import { PullError } from '../error.ts'
import type { PullListener } from '../events.ts'
import { layersOf, type PulledLayer } from '../pull/pulled-layer.ts'
import { unpackKeptBlob } from '../pull/unpack-kept-blob.ts'
import { eachBounded } from '../transfer/bounded.ts'
import { type ArchivedImage, archivedImages } from './archived-images.ts'
import { readArchive } from './read-archive.ts'

export interface LoadImagesOptions {
  readonly store: Store
  /** An archive of images as docker, podman, skopeo or gocker write them: plain, gzip or zstd. */
  readonly source: AsyncIterable<Uint8Array>
  /** Of an image that is there for several; this machine's unless given. */
  readonly platform?: Platform | string | undefined
  readonly signal?: AbortSignal | undefined
  /** Told of the layers as they are unpacked. */
  readonly onEvent?: PullListener | undefined
}

export interface LoadedImage {
  readonly image: StoredImage
  /** As the archive has them; none for an image that is known by its id alone. */
  readonly names: readonly string[]
}

/**
 * Brings the images of a docker archive or an OCI archive into the store, under the names that they have there.
 * @throws {PullError} `BAD_ARCHIVE`, `UNSUPPORTED_MEDIA_TYPE`, `DIGEST_MISMATCH`, `DIFF_ID_MISMATCH`, `NO_SPACE`
 * @throws {OciError} `INVALID_REFERENCE`, `NO_MATCHING_PLATFORM`
 */
export async function loadImages({ store, source, platform, signal, onEvent }: LoadImagesOptions): Promise<LoadedImage[]> {
  const wanted = typeof platform === 'string' ? parsePlatform(platform) : (platform ?? hostPlatform())
  return await store.keeping(
    async () => {
      const content = await readArchive({ source, store, signal })
      const images = await archivedImages({ store, content, platform: wanted })
      const layers = new Map(images.flatMap((image) => pulledLayers(image).map((layer) => [layer.diffID, layer] as const)))
      const limit = availableParallelism()
      await eachBounded([...layers.values()], (layer, either) => unpack(layer, { store, signal: either, onEvent }), { limit, signal })
      const loaded: LoadedImage[] = []
      for (const image of images) loaded.push(await enter(store, image))
      return loaded
    },
    { ...(signal !== undefined && { signal }) },
  )
}

function pulledLayers({ manifest, config, names, descriptor }: ArchivedImage): PulledLayer[] {
  return layersOf(manifest, config, names[0] ?? descriptor.digest)
}

interface UnpackContext {
  readonly store: Store
  readonly signal: AbortSignal
  readonly onEvent: PullListener | undefined
}

async function unpack(layer: PulledLayer, context: UnpackContext): Promise<void> {
  const { store, signal, onEvent } = context
  const { digest, size } = layer.descriptor
  await store.layers.withLayerLock(
    layer.diffID,
    async () => {
      if (await store.layers.has(layer.diffID)) return onEvent?.({ type: 'layer-exists', digest, size })
      if (await unpackKeptBlob(layer, context)) return onEvent?.({ type: 'layer-done', digest, size, diffID: layer.diffID })
      throw new PullError('READ_FAILED', `loading layer ${digest}: its blob has changed on the disk`)
    },
    { signal },
  )
}

async function enter(store: Store, { descriptor, names }: ArchivedImage): Promise<LoadedImage> {
  let image = await store.images.add(descriptor)
  for (const name of names) image = await store.images.tag(name, descriptor)
  return { image, names }
}
