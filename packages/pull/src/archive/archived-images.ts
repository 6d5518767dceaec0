import { open } from 'node:fs/promises'
import {
  type Compression,
  choosePlatform,
  type Descriptor,
  digestOf,
  type ImageConfig,
  type ImageManifest,
  isIndexType,
  MEDIA_TYPES,
  OciError,
  type Platform,
  parseImageConfig,
  parseManifest,
} from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { compressionOf, MAGIC_LENGTH } from '../import/tarball.ts'
import { blobName } from './archive-writer.ts'
import type { ArchiveContent, ArchivedFile } from './read-archive.ts'

/** An image whose blobs are in the store. */
export interface ArchivedImage {
  readonly descriptor: Descriptor
  readonly manifest: ImageManifest
  readonly config: ImageConfig
  readonly names: readonly string[]
}

interface Place {
  readonly store: Store
  readonly content: ArchiveContent
  /** Of an index in the archive. */
  readonly platform: Platform
}

/**
 * The images of an archive: of its OCI layout where it has one, else of docker's `manifest.json`.
 * @throws {PullError} `BAD_ARCHIVE` when it has neither, or is not whole
 */
export async function archivedImages(place: Place): Promise<ArchivedImage[]> {
  const { content } = place
  if (content.find('index.json') !== undefined && content.find('oci-layout') !== undefined) return await layoutImages(place)
  if (content.find('manifest.json') !== undefined) return await dockerImages(place)
  throw new PullError('BAD_ARCHIVE', 'loading images: the archive has neither index.json nor manifest.json', {
    hint: 'gocker import takes the tarball of a root file system',
  })
}

async function layoutImages(place: Place): Promise<ArchivedImage[]> {
  const index = await document(place, 'index.json', (bytes) => parseManifest(bytes, MEDIA_TYPES.ociIndex))
  if (index.kind !== 'index') throw new PullError('BAD_ARCHIVE', 'loading images: index.json is no index')
  const images = new Map<string, ArchivedImage>()
  for (const entry of index.index.manifests) {
    const image = await layoutImage(place, entry)
    const known = images.get(image.descriptor.digest)
    images.set(image.descriptor.digest, { ...image, names: [...new Set([...(known?.names ?? []), ...nameOf(entry)])] })
  }
  return [...images.values()]
}

/** Docker's name says all; the other may be a tag alone. */
function nameOf({ annotations }: Descriptor): string[] {
  const name = annotations?.['io.containerd.image.name'] ?? annotations?.['org.opencontainers.image.ref.name']
  return name === undefined ? [] : [name]
}

async function layoutImage(place: Place, entry: Descriptor): Promise<ArchivedImage> {
  const name = blobName(entry.digest)
  const found = await document(place, name, (bytes) => parseManifest(bytes, entry.mediaType))
  if (found.kind === 'index') {
    const here = found.index.manifests.filter(
      ({ digest, mediaType }) => place.content.find(blobName(digest)) !== undefined && !isIndexType(mediaType),
    )
    return await layoutImage(place, choosePlatform(here, place.platform))
  }
  const { manifest } = found
  for (const blob of [manifest.config, ...manifest.layers]) place.content.get(blobName(blob.digest))
  const config = await document(place, blobName(manifest.config.digest), parseImageConfig)
  const { mediaType, digest, size } = entry
  return { descriptor: { mediaType, digest, size, platform: platformOf(config) }, manifest, config, names: [] }
}

interface DockerEntry {
  readonly Config: string
  readonly RepoTags?: readonly string[] | null
  readonly Layers: readonly string[]
}

async function dockerImages(place: Place): Promise<ArchivedImage[]> {
  const entries = await document(place, 'manifest.json', (bytes) => JSON.parse(bytes.toString()) as readonly DockerEntry[])
  const isReadable = Array.isArray(entries) && entries.every(({ Config, Layers }) => typeof Config === 'string' && Array.isArray(Layers))
  if (!isReadable) throw new PullError('BAD_ARCHIVE', 'loading images: manifest.json is not as docker writes it')
  return await Promise.all(entries.map((entry) => dockerImage(place, entry)))
}

/** The archive has no manifest as registries know it: one is made. */
async function dockerImage(place: Place, { Config, RepoTags, Layers }: DockerEntry): Promise<ArchivedImage> {
  const { store, content } = place
  const config = await document(place, Config, parseImageConfig)
  const layers = await Promise.all(Layers.map((name) => layerOf(store, content.get(name))))
  const manifest: ImageManifest = {
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    config: { mediaType: MEDIA_TYPES.ociConfig, ...content.get(Config) },
    layers,
  }
  const bytes = Buffer.from(JSON.stringify(manifest))
  await store.blobs.put(bytes)
  const descriptor = { mediaType: MEDIA_TYPES.ociManifest, digest: digestOf(bytes), size: bytes.length, platform: platformOf(config) }
  return { descriptor, manifest, config, names: RepoTags ?? [] }
}

const LAYER_TYPES: Readonly<Record<Compression, string>> = {
  none: MEDIA_TYPES.ociLayer,
  gzip: MEDIA_TYPES.ociLayerGzip,
  zstd: MEDIA_TYPES.ociLayerZstd,
}

async function layerOf(store: Store, { digest, size }: ArchivedFile): Promise<Descriptor> {
  await using file = await open(store.blobs.path(digest))
  const { buffer, bytesRead } = await file.read(Buffer.alloc(MAGIC_LENGTH), 0, MAGIC_LENGTH, 0)
  return { mediaType: LAYER_TYPES[compressionOf(buffer.toString('hex', 0, bytesRead))], digest, size }
}

async function document<T>({ content }: Place, name: string, parse: (bytes: Buffer) => T): Promise<T> {
  const bytes = await content.read(name)
  try {
    return parse(bytes)
  } catch (cause) {
    if (!(cause instanceof OciError) && !(cause instanceof SyntaxError)) throw cause
    throw new PullError('BAD_ARCHIVE', `loading images: ${name}: ${cause.message}`, { cause })
  }
}

function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant !== undefined && variant !== '' && { variant }) }
}
