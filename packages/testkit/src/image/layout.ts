import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import {
  type Compression,
  type ContainerConfig,
  type Descriptor,
  type Digest,
  digestHex,
  digestOf,
  type HistoryEntry,
  hostPlatform,
  type ImageConfig,
  type ImageManifest,
  MEDIA_TYPES,
  type Platform,
} from '@gocker/oci'
import { compress } from '../tar/compress.ts'

export interface ImageInput {
  /** Lowest first; tars, not compressed. */
  readonly layers: readonly (Uint8Array | LayerInput)[]
  readonly config?: ContainerConfig
  /** This machine's, unless said otherwise. */
  readonly platform?: Platform
  /** oci, unless said otherwise. */
  readonly mediaTypes?: 'oci' | 'docker'
  /** Of the layers that do not say it themselves; gzip, unless said otherwise. */
  readonly compression?: Compression
  readonly created?: string
  readonly history?: readonly HistoryEntry[]
  /** Of the manifest. */
  readonly annotations?: Readonly<Record<string, string>>
  /** Change what is written: wrong diffIDs, fields that are missing. */
  readonly editConfig?: (config: ImageConfig) => object
  readonly editManifest?: (manifest: ImageManifest) => object
}

export interface LayerInput {
  readonly tar: Uint8Array
  readonly compression?: Compression
  readonly mediaType?: string
  readonly annotations?: Readonly<Record<string, string>>
}

export interface ImageLayout {
  readonly directory: string
  readonly tag: string
  /** What `index.json` points to: the manifest, or the index where there are several images. */
  readonly descriptor: Descriptor
  /** In the order they were given. */
  readonly images: readonly LaidImage[]
}

export interface LaidImage {
  readonly manifest: Descriptor
  readonly config: Descriptor
  readonly layers: readonly Descriptor[]
  readonly diffIds: readonly Digest[]
}

/**
 * Makes an OCI image layout in `directory`: of one image, or of a list, one for each platform, joined by an index.
 * @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md
 */
export function imageLayout(
  directory: string,
  image: ImageInput | readonly ImageInput[],
  { tag = 'latest' }: { readonly tag?: string } = {},
): ImageLayout {
  mkdirSync(join(directory, 'blobs/sha256'), { recursive: true })
  const inputs = 'layers' in image ? [image] : image
  const images = inputs.map((input) => writeImage(directory, input))
  const [only] = images
  const descriptor = only !== undefined && 'layers' in image ? only.manifest : writeIndex(directory, images, inputs[0]?.mediaTypes ?? 'oci')
  const named = { ...descriptor, annotations: { ...descriptor.annotations, 'org.opencontainers.image.ref.name': tag } }
  writeFileSync(join(directory, 'oci-layout'), JSON.stringify({ imageLayoutVersion: '1.0.0' }))
  writeFileSync(join(directory, 'index.json'), JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [named] }))
  return { directory, tag, descriptor, images }
}

const TYPES = {
  oci: { index: MEDIA_TYPES.ociIndex, manifest: MEDIA_TYPES.ociManifest, config: MEDIA_TYPES.ociConfig },
  docker: { index: MEDIA_TYPES.dockerIndex, manifest: MEDIA_TYPES.dockerManifest, config: MEDIA_TYPES.dockerConfig },
} as const

const LAYER_TYPES: Record<'oci' | 'docker', Record<Compression, string>> = {
  oci: { none: MEDIA_TYPES.ociLayer, gzip: MEDIA_TYPES.ociLayerGzip, zstd: MEDIA_TYPES.ociLayerZstd },
  docker: { none: MEDIA_TYPES.dockerLayer, gzip: MEDIA_TYPES.dockerLayerGzip, zstd: `${MEDIA_TYPES.dockerLayer}.zstd` },
}

function writeImage(directory: string, input: ImageInput): LaidImage {
  const types = TYPES[input.mediaTypes ?? 'oci']
  const platform = input.platform ?? hostPlatform()
  const sources = input.layers.map((layer) => (layer instanceof Uint8Array ? { tar: layer } : layer))
  const layers = sources.map((layer) => writeLayer(directory, layer, input))
  const diffIds = sources.map(({ tar }) => digestOf(tar))
  const imageConfig = imageConfigOf(input, platform, diffIds)
  const config = writeDocument(directory, types.config, input.editConfig?.(imageConfig) ?? imageConfig)
  const { annotations } = input
  const manifest: ImageManifest = { schemaVersion: 2, mediaType: types.manifest, config, layers, ...(annotations && { annotations }) }
  const written = writeDocument(directory, types.manifest, input.editManifest?.(manifest) ?? manifest)
  return { manifest: { ...written, platform }, config, layers, diffIds }
}

function imageConfigOf({ created, config, history }: ImageInput, platform: Platform, diffIds: readonly Digest[]): ImageConfig {
  return {
    created: created ?? '2024-01-01T00:00:00Z',
    ...platform,
    config: config ?? {},
    rootfs: { type: 'layers', diff_ids: diffIds },
    history: history ?? diffIds.map((_, position) => ({ created_by: `layer ${position + 1} of a test` })),
  }
}

function writeLayer(directory: string, layer: LayerInput, image: ImageInput): Descriptor {
  const compression = layer.compression ?? image.compression ?? 'gzip'
  const mediaType = layer.mediaType ?? LAYER_TYPES[image.mediaTypes ?? 'oci'][compression]
  const descriptor = writeBlob(directory, mediaType, compress(layer.tar, compression))
  return layer.annotations === undefined ? descriptor : { ...descriptor, annotations: layer.annotations }
}

function writeIndex(directory: string, images: readonly LaidImage[], mediaTypes: 'oci' | 'docker'): Descriptor {
  const mediaType = TYPES[mediaTypes].index
  return writeDocument(directory, mediaType, { schemaVersion: 2, mediaType, manifests: images.map(({ manifest }) => manifest) })
}

function writeDocument(directory: string, mediaType: string, document: object): Descriptor {
  return writeBlob(directory, mediaType, Buffer.from(JSON.stringify(document)))
}

function writeBlob(directory: string, mediaType: string, bytes: Uint8Array): Descriptor {
  const digest = digestOf(bytes)
  writeFileSync(join(directory, 'blobs/sha256', digestHex(digest)), bytes)
  return { mediaType, digest, size: bytes.length }
}
