import { type Descriptor, type Digest, digestOf, type ImageManifest, MEDIA_TYPES } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import { PullError } from '../error.ts'
import type { Connection } from '../registry/connection.ts'
import { discard } from '../registry/redirect.ts'
import { type RetryOptions, retrying } from '../transfer/retries.ts'

export interface ManifestDocument {
  readonly mediaType: string
  readonly bytes: Buffer
  readonly digest: Digest
}

/** The image's own manifest where its layers have left as they are; else one of OCI's that names what they have become. */
export async function outgoingManifest(store: Store, image: StoredImage, layers: readonly Descriptor[]): Promise<ManifestDocument> {
  const { manifest, descriptor } = image
  const isSame = layers.every(({ digest }, index) => digest === manifest.layers[index]?.digest)
  if (isSame) return { mediaType: descriptor.mediaType, bytes: await store.blobs.read(descriptor.digest), digest: descriptor.digest }
  const config = { ...manifest.config, mediaType: MEDIA_TYPES.ociConfig }
  const written: ImageManifest = { ...manifest, mediaType: MEDIA_TYPES.ociManifest, config, layers: layers.map(ociLayer) }
  return documentOf(MEDIA_TYPES.ociManifest, written)
}

export function documentOf(mediaType: string, value: unknown): ManifestDocument {
  const bytes = Buffer.from(JSON.stringify(value))
  return { mediaType, bytes, digest: digestOf(bytes) }
}

/** An OCI manifest names docker's gzip layers by OCI's media type: the bytes are the same. */
function ociLayer(layer: Descriptor): Descriptor {
  return layer.mediaType === MEDIA_TYPES.dockerLayerGzip ? { ...layer, mediaType: MEDIA_TYPES.ociLayerGzip } : layer
}

/**
 * Sends a manifest or an index under a tag or its digest.
 * @returns whether the registry has noted by itself that it refers to its subject
 * @throws {PullError} `DIGEST_MISMATCH` where the registry says that it has kept something else; see {@link Connection.send}
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pushing-manifests
 */
export async function sendManifest(
  connection: Connection,
  { mediaType, bytes, digest }: ManifestDocument,
  { tag = digest, ...options }: RetryOptions & { readonly tag?: string | undefined },
): Promise<boolean> {
  const doing = `pushing manifest ${tag} of ${connection.endpoint.repository}`
  return await retrying(async () => {
    const headers = { 'content-type': mediaType }
    const request = { method: 'PUT', doing, path: `manifests/${tag}`, headers, body: bytes } as const
    const response = await connection.send({ ...request, expected: [201], signal: options.signal })
    await discard(response)
    const kept = response.headers['docker-content-digest']
    if (kept !== undefined && kept !== digest)
      throw new PullError('DIGEST_MISMATCH', `${doing}: sent ${digest}, the registry has kept ${kept}`)
    return response.headers['oci-subject'] !== undefined
  }, options)
}
