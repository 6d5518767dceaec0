import { type Descriptor, type Digest, type ImageConfig, type ImageManifest, OciError, parseImageConfig, parseManifest } from '@gocker/oci'
import type { Blobs } from './blobs.ts'
import { StoreError } from './error.ts'
import { entryName, entryRepoDigest, type IndexEntry } from './index-entry.ts'

/** An image that is here. */
export interface StoredImage {
  /** The config's digest, as docker counts images. */
  readonly id: Digest
  /** Of the platform's manifest. */
  readonly descriptor: Descriptor
  /** Canonical names: `docker.io/library/debian:latest`; by digest when it was pulled so; none when it is dangling. */
  readonly references: readonly string[]
  /** `docker.io/library/debian@sha256:...` */
  readonly repoDigests: readonly string[]
  readonly manifest: ImageManifest
  readonly config: ImageConfig
  /** Bytes of the config and the layers' blobs, as the manifest says them. */
  readonly size: number
  /** ISO 8601. */
  readonly created?: string
  /** diffIDs, lowest first. */
  readonly layers: readonly Digest[]
}

/**
 * Reads the manifest and the config behind the entries of one image.
 * @param entries the first is the one that gives the manifest
 * @throws {StoreError} `NOT_FOUND`, `CORRUPT`
 */
export async function loadImage(blobs: Blobs, entries: readonly [IndexEntry, ...IndexEntry[]]): Promise<StoredImage> {
  const { mediaType, digest, size, platform } = entries[0]
  const manifest = await readImageManifest(blobs, entries[0])
  const config = understood(manifest.config, parseImageConfig, await blobs.readDocument(manifest.config))
  return {
    id: manifest.config.digest,
    descriptor: { mediaType, digest, size, platform: platform ?? platformOf(config) },
    references: unique(entries.map(entryName)),
    repoDigests: unique(entries.map(entryRepoDigest)),
    manifest,
    config,
    size: [manifest.config, ...manifest.layers].reduce((total, { size }) => total + size, 0),
    ...(config.created !== undefined && { created: config.created }),
    layers: config.rootfs.diff_ids,
  }
}

/** @throws {StoreError} `NOT_FOUND`, `CORRUPT` */
export async function readImageManifest(blobs: Blobs, descriptor: Descriptor): Promise<ImageManifest> {
  const bytes = await blobs.readDocument(descriptor)
  const document = understood(descriptor, (bytes) => parseManifest(bytes, descriptor.mediaType), bytes)
  if (document.kind === 'manifest') return document.manifest
  throw new StoreError('CORRUPT', `reading manifest ${descriptor.digest}: it is an index, not an image's manifest`)
}

function understood<T>(descriptor: Descriptor, parse: (bytes: Uint8Array) => T, bytes: Uint8Array): T {
  try {
    return parse(bytes)
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause
    throw new StoreError('CORRUPT', `reading blob ${descriptor.digest}: ${cause.message}`, { cause, hint: cause.hint })
  }
}

function platformOf({ os, architecture, variant }: ImageConfig): NonNullable<Descriptor['platform']> {
  return { os, architecture, ...(variant !== undefined && { variant }) }
}

function unique(values: readonly (string | undefined)[]): string[] {
  return [...new Set(values.filter((value) => value !== undefined))]
}
