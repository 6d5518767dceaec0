import { familiarReference, parseReference } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { ArchiveSink } from '../pack/pack-in-thread.ts'
import { type ArchiveWriter, blobName } from './archive-writer.ts'
import { json, namedEntries, writeArchive } from './write-archive.ts'

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

/**
 * Writes images as one tar, as `docker save` does: an OCI image layout and a docker archive at once. Blobs are as they are in the store.
 * @throws {StoreError} `NOT_FOUND` where a blob is missing; what the sink throws
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export async function saveImages({ store, images, ociOnly = false, signal }: SaveImagesOptions, sink: ArchiveSink): Promise<void> {
  const beside = async (archive: ArchiveWriter) => {
    if (!ociOnly) await archive.file('manifest.json', json(images.map(dockerEntry)))
  }
  const entries = images.flatMap(({ image, names }) => namedEntries(image.descriptor, names))
  await writeArchive({ store, entries, images: images.map(({ image }) => image), signal, beside }, sink)
}

/** @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format */
function dockerEntry({ image, names }: SavedImage) {
  return {
    Config: blobName(image.manifest.config.digest),
    RepoTags: names.filter((name) => !name.includes('@')).map((name) => familiarReference(parseReference(name))),
    Layers: image.manifest.layers.map(({ digest }) => blobName(digest)),
  }
}
