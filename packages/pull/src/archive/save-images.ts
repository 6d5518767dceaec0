import { type Descriptor, familiarReference, type ImageIndex, MEDIA_TYPES, parseReference } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { ArchiveSink } from '../pack/pack-in-thread.ts'
import { ArchiveWriter, blobName } from './archive-writer.ts'

/** An image on its way out, and the names that it goes by. */
export interface SavedImage {
  readonly image: StoredImage
  /** Canonical: `docker.io/library/debian:latest`; none for an image that is known by its id alone. */
  readonly names: readonly string[]
}

export interface SaveImagesOptions {
  readonly store: Store
  readonly images: readonly SavedImage[]
  /** Without docker's `manifest.json`: an OCI layout and nothing else. */
  readonly ociOnly?: boolean
  readonly signal?: AbortSignal | undefined
}

/** `org.opencontainers.image.ref.name` is what skopeo and podman go by, the other what Docker and containerd do. */
const NAMES = ['org.opencontainers.image.ref.name', 'io.containerd.image.name']
export const LAYOUT = { imageLayoutVersion: '1.0.0' }

/**
 * Writes images as one tar, as `docker save` does: an OCI image layout and a docker archive at once. Blobs are as they are in the store.
 * @throws {StoreError} `NOT_FOUND` where a blob is missing; what the sink throws
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function saveImages({ store, images, ociOnly = false, signal }: SaveImagesOptions, sink: ArchiveSink): Promise<void> {
  await store.keeping(
    async () => {
      const archive = new ArchiveWriter(async (chunk) => {
        signal?.throwIfAborted()
        await sink(chunk)
      })
      await archive.file('oci-layout', json(LAYOUT))
      await archive.file('index.json', json(indexOf(images)))
      if (!ociOnly) await archive.file('manifest.json', json(images.map(dockerEntry)))
      for (const { image } of images) {
        for (const blob of [image.descriptor, image.manifest.config, ...image.manifest.layers]) await archive.blob(store, blob)
      }
      await archive.finish()
    },
    { ...(signal !== undefined && { signal }) },
  )
}

function indexOf(images: readonly SavedImage[]): ImageIndex {
  const manifests = images.flatMap(({ image, names }) =>
    names.length === 0 ? [image.descriptor] : names.map((name) => namedDescriptor(image.descriptor, name)),
  )
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }
}

/** As it stands in the index of a layout. */
export function namedDescriptor(descriptor: Descriptor, name: string): Descriptor {
  return { ...descriptor, annotations: Object.fromEntries(NAMES.map((key) => [key, name])) }
}

/** @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format */
function dockerEntry({ image, names }: SavedImage) {
  return {
    Config: blobName(image.manifest.config.digest),
    RepoTags: names.filter((name) => !name.includes('@')).map((name) => familiarReference(parseReference(name))),
    Layers: image.manifest.layers.map(({ digest }) => blobName(digest)),
  }
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
