import { digestOf, type ImageIndex, MEDIA_TYPES } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { ArchiveSink } from '../pack/pack-in-thread.ts'
import { ArchiveWriter } from './archive-writer.ts'
import { json, LAYOUT, namedDescriptor } from './save-images.ts'

export interface SaveIndexOptions {
  readonly store: Store
  /** One for each platform. */
  readonly images: readonly StoredImage[]
  /** Canonical names of the whole; none is allowed. */
  readonly names: readonly string[]
  readonly signal?: AbortSignal | undefined
}

/**
 * Writes the images of several platforms as one, under an index: an OCI layout as a tar.
 * @throws {StoreError} `NOT_FOUND` where a blob is missing; what the sink throws
 * @see https://github.com/opencontainers/image-spec/blob/main/image-index.md
 */
export async function saveIndex({ store, images, names, signal }: SaveIndexOptions, sink: ArchiveSink): Promise<void> {
  const manifests = images.map(({ descriptor }) => descriptor)
  const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }
  const bytes = json(index)
  const descriptor = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(bytes), size: bytes.length }
  const entries = names.length === 0 ? [descriptor] : names.map((name) => namedDescriptor(descriptor, name))
  await store.keeping(
    async () => {
      const archive = new ArchiveWriter(async (chunk) => {
        signal?.throwIfAborted()
        await sink(chunk)
      })
      await archive.file('oci-layout', json(LAYOUT))
      await archive.file('index.json', json({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: entries }))
      await archive.document(descriptor.digest, bytes)
      for (const image of images) {
        for (const blob of [image.descriptor, image.manifest.config, ...image.manifest.layers]) await archive.blob(store, blob)
      }
      await archive.finish()
    },
    { ...(signal !== undefined && { signal }) },
  )
}
