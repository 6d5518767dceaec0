import type { Descriptor } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { type FetchedManifest, readManifest } from '../registry/manifest.ts'
import { keptBlob } from '../transfer/kept-blob.ts'
import type { Place } from './place.ts'
import type { CopySource } from './places.ts'

/** An image whose blobs are in the store, as a place to copy from. It keeps nothing that refers to images. */
export function storeSource(place: Place, store: Store, root: Descriptor): CopySource {
  const { blobs } = store
  const document = async ({ digest, mediaType }: Descriptor): Promise<FetchedManifest> => {
    const bytes = await blobs.read(digest)
    return { bytes, digest, content: readManifest(bytes, mediaType, `reading manifest ${digest}`) }
  }
  return {
    place,
    root: () => document(root),
    document,
    open: ({ digest }, { offset }) => keptBlob(store, digest, { offset }),
    referrers: async () => [],
    tagged: async () => undefined,
  }
}
