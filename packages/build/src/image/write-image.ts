import { type Descriptor, type ImageConfig, type ImageManifest, MEDIA_TYPES } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { StageState } from '../stage/stage-state.ts'

/**
 * Keeps a stage's end as an image: config, manifest, and its names.
 * @see https://github.com/opencontainers/image-spec/blob/main/config.md
 */
export async function writeImage(store: Store, state: StageState, tags: readonly string[]): Promise<StoredImage> {
  const config = await putJson(store, MEDIA_TYPES.ociConfig, configOf(state))
  const layers = state.layers.map(({ descriptor }) => descriptor)
  const manifest: ImageManifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers }
  const descriptor = { ...(await putJson(store, MEDIA_TYPES.ociManifest, manifest)), platform: state.platform }
  let image = await store.images.add(descriptor)
  for (const tag of tags) image = await store.images.tag(tag, descriptor)
  return image
}

function configOf({ platform, config, author, layers, history, created }: StageState): ImageConfig {
  return {
    created,
    ...(author !== undefined && { author }),
    architecture: platform.architecture,
    ...(platform.variant !== undefined && { variant: platform.variant }),
    os: platform.os,
    config,
    rootfs: { type: 'layers', diff_ids: layers.map(({ diffID }) => diffID) },
    history,
  }
}

async function putJson(store: Store, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value))
  return { mediaType, digest: await store.blobs.put(bytes), size: bytes.length }
}
