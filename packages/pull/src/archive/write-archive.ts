import { type Descriptor, type ImageIndex, MEDIA_TYPES } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { ArchiveSink } from '../pack/pack-in-thread.ts'
import { ArchiveWriter } from './archive-writer.ts'

export const LAYOUT = { imageLayoutVersion: '1.0.0' }

/** `org.opencontainers.image.ref.name` is what skopeo and podman go by, the other what Docker and containerd do. */
const NAMES = ['org.opencontainers.image.ref.name', 'io.containerd.image.name']

export interface ArchiveToWrite {
  readonly store: Store
  /** What stands in `index.json`. */
  readonly entries: readonly Descriptor[]
  /** Whose blobs are in it, as they are in the store. */
  readonly images: readonly StoredImage[]
  readonly signal: AbortSignal | undefined
  /** Writes what else belongs there, before the blobs. */
  readonly beside: (archive: ArchiveWriter) => Promise<void>
}

/** Writes images of the store as an OCI image layout in a tar. */
export async function writeArchive({ store, entries, images, signal, beside }: ArchiveToWrite, sink: ArchiveSink): Promise<void> {
  const archive = new ArchiveWriter(async (chunk) => {
    signal?.throwIfAborted()
    await sink(chunk)
  })
  const write = async () => {
    await archive.file('oci-layout', json(LAYOUT))
    await archive.file('index.json', json(indexOf(entries)))
    await beside(archive)
    for (const { descriptor, manifest } of images)
      for (const blob of [descriptor, manifest.config, ...manifest.layers]) await archive.blob(store, blob)
    await archive.finish()
  }
  await store.keeping(write, { ...(signal !== undefined && { signal }) })
}

export function indexOf(manifests: readonly Descriptor[]): ImageIndex {
  return { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }
}

/** As it stands in the index of a layout: once under each name, or once without. */
export function namedEntries(descriptor: Descriptor, names: readonly string[]): Descriptor[] {
  if (names.length === 0) return [descriptor]
  return names.map((name) => ({ ...descriptor, annotations: Object.fromEntries(NAMES.map((key) => [key, name])) }))
}

export function json(value: unknown): Buffer {
  return Buffer.from(JSON.stringify(value))
}
