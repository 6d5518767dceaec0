import { availableParallelism } from 'node:os'
import { hostPlatform, type Platform, parsePlatform } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { PullListener } from '../events.ts'
import { layerFormat } from '../layers/layer-format.ts'
import type { LayerFormat } from '../layers/layer-formats.ts'
import { layersOf, type PulledLayer } from '../pull/pulled-layer.ts'
import { unpackStoredLayer } from '../pull/unpack-stored-layer.ts'
import { eachBounded } from '../transfer/bounded.ts'
import { type ArchivedImage, archivedImages } from './archived-images.ts'
import { readArchive } from './read-archive.ts'
import { takingIn } from './taking-in.ts'

export interface LoadImagesOptions {
  readonly store: Store
  /** An archive of images as docker, podman, skopeo or gocker write them: plain, gzip or zstd. */
  readonly source: AsyncIterable<Uint8Array>
  /** What layers are to be; by default what the environment and the settings say. */
  readonly layerFormat?: LayerFormat | undefined
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
export async function loadImages({
  store,
  source,
  layerFormat: asked,
  platform,
  signal,
  onEvent,
}: LoadImagesOptions): Promise<LoadedImage[]> {
  const wanted = typeof platform === 'string' ? parsePlatform(platform) : (platform ?? hostPlatform())
  const layerForm = await layerFormat(store, { asked })
  return await takingIn({ store, signal }, async (brought) => {
    const content = await readArchive({ source, store, signal, brought })
    const images = await archivedImages({ store, content, platform: wanted })
    const layers = new Map(images.flatMap((image) => pulledLayers(image).map((layer) => [layer.diffID, layer] as const)))
    const limit = availableParallelism()
    await eachBounded([...layers.values()], (layer, either) => unpackStoredLayer(layer, { store, layerForm, signal: either, onEvent }), {
      limit,
      signal,
    })
    const loaded: LoadedImage[] = []
    for (const image of images) loaded.push(await enter(store, image))
    return loaded
  })
}

function pulledLayers({ manifest, config, names, descriptor }: ArchivedImage): PulledLayer[] {
  return layersOf(manifest, config, names[0] ?? descriptor.digest)
}

async function enter(store: Store, { descriptor, names }: ArchivedImage): Promise<LoadedImage> {
  let image = await store.images.add(descriptor)
  for (const name of names) image = await store.images.tag(name, descriptor)
  return { image, names }
}
