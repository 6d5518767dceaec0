import { type Descriptor, type ImageManifest, MEDIA_TYPES, parseReference } from '@gocker/oci'
import { PATIENT } from '../transfer/retries.ts'
import { GZIP } from './compression.ts'
import { retriesTo } from './events.ts'
import { withPushConnection } from './push-connection.ts'
import type { PushOptions } from './push-image.ts'
import { pushLayers } from './push-layers.ts'
import { documentOf, sendManifest } from './push-manifest.ts'
import { hasBlob, uploadBlob } from './upload.ts'

export interface PushArtifactOptions extends Omit<PushOptions, 'image'> {
  /** Blobs of the store; plain layers are compressed on their way. */
  readonly layers: readonly Descriptor[]
  /** What goes in the place of an image's config. @param sent the layers as the registry has them, in the same order */
  readonly config: (sent: readonly Descriptor[]) => { readonly mediaType: string; readonly document: unknown }
}

/**
 * Brings something to a registry that is no image, in the form of one.
 * @throws {PullError} as {@link pushImage}
 * @see https://github.com/opencontainers/image-spec/blob/main/manifest.md#guidelines-for-artifact-usage
 */
export async function pushArtifact(options: PushArtifactOptions): Promise<void> {
  const { store, compression = GZIP, retry = PATIENT, signal, onEvent } = options
  const reference = parseReference(options.reference)
  await store.keeping(
    () =>
      withPushConnection(reference, options, async (connection) => {
        const context = { connection, store, compression, mountSources: () => [], retry, signal, onEvent }
        const layers = await pushLayers(reference, options.layers, context)
        const { mediaType, document } = options.config(layers)
        const config = documentOf(mediaType, document)
        const descriptor = { mediaType, digest: config.digest, size: config.bytes.length }
        const retries = { policy: retry, signal, onEvent: retriesTo(onEvent) }
        if (!(await hasBlob(connection, descriptor, signal))) await uploadBlob(connection, bytesSource(descriptor, config.bytes), retries)
        const manifest: ImageManifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config: descriptor, layers }
        await sendManifest(connection, documentOf(MEDIA_TYPES.ociManifest, manifest), { ...retries, tag: reference.tag ?? 'latest' })
      }),
    { ...(signal !== undefined && { signal }) },
  )
}

function bytesSource({ digest, size }: Descriptor, bytes: Buffer) {
  return {
    name: digest,
    facts: () => ({ digest, size }),
    async *open(offset: number) {
      yield bytes.subarray(offset)
    },
  }
}
