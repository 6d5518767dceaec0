import { digestOf, MEDIA_TYPES } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { ArchiveSink } from '../pack/pack-in-thread.ts'
import type { ArchiveWriter } from './archive-writer.ts'
import { indexOf, json, namedEntries, writeArchive } from './write-archive.ts'

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
  const bytes = json(indexOf(images.map(({ descriptor }) => descriptor)))
  const descriptor = { mediaType: MEDIA_TYPES.ociIndex, digest: digestOf(bytes), size: bytes.length }
  const beside = (archive: ArchiveWriter) => archive.document(descriptor.digest, bytes)
  await writeArchive({ store, entries: namedEntries(descriptor, names), images, signal, beside }, sink)
}
