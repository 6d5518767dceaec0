import type { Store, StoredImage } from '@gocker/store'
import type { StageState } from '../stage/stage-state.ts'
import { imageDocuments } from './image-documents.ts'

/** Keeps a stage's end as an image: config, manifest, and its names. */
export async function writeImage(store: Store, state: StageState, tags: readonly string[]): Promise<StoredImage> {
  const { config, manifest } = imageDocuments(state)
  for (const { bytes } of [config, manifest]) await store.blobs.put(bytes)
  const descriptor = { ...manifest.descriptor, platform: state.platform }
  let image = await store.images.add(descriptor)
  for (const tag of tags) image = await store.images.tag(tag, descriptor)
  return image
}
