import { type Descriptor, formatReference, type ImageIndex, MEDIA_TYPES } from '@gocker/oci'
import type { StoredImage } from '@gocker/store'
import { retriesTo } from './events.ts'
import { mountSourcesOf } from './mount-sources.ts'
import { withPushConnection } from './push-connection.ts'
import { mountScopes, type PushOptions, pushContent, pushContext, pushedName } from './push-image.ts'
import { documentOf, sendManifest } from './push-manifest.ts'

export interface PushIndexOptions extends Omit<PushOptions, 'image'> {
  /** One for each platform. */
  readonly images: readonly StoredImage[]
}

/**
 * Brings the images of several platforms to a registry as one: their manifests by their digests, and an index under the name, last.
 * @returns the index there
 * @throws {PullError}, {StoreError}, {OciError} as {@link pushImage}
 * @see https://github.com/opencontainers/image-spec/blob/main/image-index.md
 */
export async function pushIndex({ images, ...options }: PushIndexOptions): Promise<Descriptor> {
  const { store, signal, onEvent } = options
  const reference = pushedName(options.reference)
  const work = async () => {
    const sources = mountSourcesOf(await store.images.list(), reference)
    return await withPushConnection(reference, { ...options, scopes: mountScopes(images, sources) }, async (connection) => {
      const context = pushContext(connection, sources, options)
      const retries = { policy: context.retry, signal, onEvent: retriesTo(onEvent) }
      const manifests: Descriptor[] = []
      for (const image of images) {
        const { platform } = image.descriptor
        const manifest = await pushContent(reference, image, context)
        await sendManifest(connection, manifest, retries)
        const { mediaType, digest, bytes } = manifest
        manifests.push({ mediaType, digest, size: bytes.length, ...(platform !== undefined && { platform }) })
      }
      const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests }
      const document = documentOf(MEDIA_TYPES.ociIndex, index)
      await sendManifest(connection, document, { ...retries, tag: reference.tag ?? 'latest' })
      return { mediaType: document.mediaType, digest: document.digest, size: document.bytes.length }
    })
  }
  const pushed = await store.keeping(work, { ...(signal !== undefined && { signal }) })
  onEvent?.({ type: 'done', reference: formatReference(reference), digest: pushed.digest })
  return pushed
}
