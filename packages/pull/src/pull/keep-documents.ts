import type { Digest } from '@gocker/oci'
import type { Store } from '@gocker/store'
import type { ResolvedImage } from './resolve-image.ts'

/** Keeps what describes the image, the config before the manifest that names it. */
export async function keepDocuments(store: Store, image: ResolvedImage): Promise<void> {
  await keepBytes(store, image.configDescriptor.digest, image.configBytes)
  await keepBytes(store, image.descriptor.digest, image.manifestBytes)
}

async function keepBytes(store: Store, digest: Digest, bytes: Uint8Array): Promise<void> {
  if (await store.blobs.has(digest)) return
  const writer = await store.blobs.writer({ digest, size: bytes.length })
  try {
    if (writer.offset < bytes.length) await writer.write(bytes.subarray(writer.offset))
    await writer.commit()
  } finally {
    await writer.abort()
  }
}
