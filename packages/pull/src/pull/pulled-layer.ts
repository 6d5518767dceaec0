import type { Compression, Descriptor, Digest, ImageConfig, ImageManifest } from '@gocker/oci'
import { isConfigType, layerCompression, MEDIA_TYPES } from '@gocker/oci'
import { PullError } from '../error.ts'

/** One layer of an image: how it travels, and what it must come to. */
export interface PulledLayer {
  readonly descriptor: Descriptor
  readonly compression: Compression
  readonly diffID: Digest
}

/**
 * Refuses what is no container image before anything large is fetched.
 * @throws {PullError} `UNSUPPORTED_MEDIA_TYPE`
 */
export function checkIsImage({ config, artifactType }: ImageManifest, name: string): void {
  if (isConfigType(config.mediaType)) return
  const kind = artifactType ?? (config.mediaType === MEDIA_TYPES.ociConfig ? 'unknown' : config.mediaType)
  throw new PullError('UNSUPPORTED_MEDIA_TYPE', `pulling ${name}: it is an artifact (${kind}), not a container image`)
}

/**
 * Joins the manifest's layers with the config's diffIDs; a layer that comes twice is listed once.
 * @throws {PullError} `UNSUPPORTED_MEDIA_TYPE`, `BAD_RESPONSE`
 */
export function layersOf(manifest: ImageManifest, { rootfs: { diff_ids } }: ImageConfig, name: string): PulledLayer[] {
  const { layers } = manifest
  if (layers.length !== diff_ids.length)
    throw new PullError('BAD_RESPONSE', `pulling ${name}: its manifest has ${layers.length} layers, its config ${diff_ids.length}`)
  const pairs = diff_ids.flatMap((diffID, position) => {
    const descriptor = layers[position]
    return descriptor === undefined ? [] : [{ descriptor, diffID, compression: compressionOf(descriptor, name) }]
  })
  return [...new Map(pairs.map((layer) => [`${layer.descriptor.digest} ${layer.diffID}`, layer])).values()]
}

function compressionOf({ mediaType, digest }: Descriptor, name: string): Compression {
  const compression = layerCompression(mediaType)
  if (compression !== undefined) return compression
  throw new PullError('UNSUPPORTED_MEDIA_TYPE', `pulling ${name}: layer ${digest} is of an unknown media type, ${mediaType}`)
}
