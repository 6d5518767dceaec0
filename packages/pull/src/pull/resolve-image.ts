import {
  choosePlatform,
  type Descriptor,
  type Digest,
  type ImageConfig,
  type ImageIndex,
  type ImageManifest,
  isIndexType,
  isManifestType,
  MEDIA_TYPES,
  OciError,
  type Platform,
  parseImageConfig,
} from '@gocker/oci'
import type { Store } from '@gocker/store'
import { PullError } from '../error.ts'
import type { PullListener } from '../events.ts'
import { type FetchedManifest, readManifest } from '../registry/manifest.ts'
import type { Registry } from '../registry/registry.ts'
import type { RetryPolicy } from '../transfer/retries.ts'
import { fetchSmallBlob } from '../transfer/small-blob.ts'
import { checkIsImage, layersOf, type PulledLayer } from './pulled-layer.ts'

/** An image at a registry, down to the names of its layers. */
export interface ResolvedImage {
  /** What the registry names for the reference: the index's digest, where there is one. */
  readonly namedDigest: Digest
  readonly descriptor: Descriptor
  readonly manifestBytes: Buffer
  readonly configDescriptor: Descriptor
  readonly configBytes: Buffer
  readonly layers: readonly PulledLayer[]
}

export interface ResolveOptions {
  /** For messages. */
  readonly name: string
  readonly platform: Platform
  readonly store: Store
  readonly retry?: RetryPolicy | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: PullListener | undefined
}

const DEEPEST_INDEX = 4

/**
 * Follows a tag or digest through its index, or indexes, to the one image for the platform.
 * @throws {PullError} see {@link fetchManifest}; `UNSUPPORTED_MEDIA_TYPE` when it is no image
 * @throws {OciError} `NO_MATCHING_PLATFORM`
 */
export async function resolveImage(registry: Registry, tagOrDigest: string, options: ResolveOptions): Promise<ResolvedImage> {
  const named = await registry.manifest(tagOrDigest)
  const { fetched, manifest } = await chooseManifest(registry, named, options)
  checkIsImage(manifest, options.name)
  const configBytes = await fetchSmallBlob(registry, manifest.config, { ...options, policy: options.retry })
  const config = readConfig(configBytes, options.name)
  checkPlatform(config, options.platform)
  return {
    namedDigest: named.digest,
    descriptor: describe(fetched, config),
    manifestBytes: fetched.bytes,
    configDescriptor: manifest.config,
    configBytes,
    layers: layersOf(manifest, config, options.name),
  }
}

interface ChosenManifest {
  readonly fetched: FetchedManifest
  readonly manifest: ImageManifest
}

async function chooseManifest(registry: Registry, named: FetchedManifest, options: ResolveOptions): Promise<ChosenManifest> {
  if (named.content.kind === 'manifest') return { fetched: named, manifest: named.content.manifest }
  const candidates = await imagesIn(registry, named.content.index, options)
  const only = candidates.length === 1 ? candidates[0] : undefined
  const chosen = only !== undefined && only.platform === undefined ? only : choosePlatform(candidates, options.platform)
  const fetched = await manifestOf(registry, chosen, options)
  if (fetched.content.kind === 'manifest') return { fetched, manifest: fetched.content.manifest }
  throw new PullError('BAD_RESPONSE', `pulling ${options.name}: ${chosen.digest} is an index, and was said to be a manifest`)
}

/** The image manifests of an index and of those inside it; attestations, which belong to no platform, are none. */
async function imagesIn(registry: Registry, index: ImageIndex, options: ResolveOptions, depth = 1): Promise<Descriptor[]> {
  if (depth > DEEPEST_INDEX) throw new PullError('BAD_RESPONSE', `pulling ${options.name}: indexes in indexes, over ${DEEPEST_INDEX} deep`)
  const found: Descriptor[] = []
  for (const descriptor of index.manifests.filter(mayBeImage)) {
    if (isManifestType(descriptor.mediaType)) found.push(descriptor)
    if (!isIndexType(descriptor.mediaType)) continue
    const { content } = await manifestOf(registry, descriptor, options)
    if (content.kind === 'index') found.push(...(await imagesIn(registry, content.index, options, depth + 1)))
  }
  return found
}

function mayBeImage({ platform, artifactType, annotations }: Descriptor): boolean {
  const isAttestation = annotations?.['vnd.docker.reference.type'] === 'attestation-manifest'
  return !isAttestation && artifactType === undefined && platform?.os !== 'unknown'
}

async function manifestOf(
  registry: Registry,
  { digest, mediaType }: Descriptor,
  { store, name }: ResolveOptions,
): Promise<FetchedManifest> {
  if (!(await store.blobs.has(digest))) return registry.manifest(digest)
  const bytes = await store.blobs.read(digest)
  return { bytes, digest, content: readManifest(bytes, mediaType, `reading manifest ${digest} of ${name}`) }
}

function readConfig(bytes: Buffer, name: string): ImageConfig {
  try {
    return parseImageConfig(bytes)
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause
    throw new PullError('BAD_RESPONSE', `pulling ${name}: ${cause.message}`, { cause })
  }
}

/** An image without an index has its platform in the config alone; one that names none is taken as it is. */
function checkPlatform(config: ImageConfig, wanted: Platform): void {
  if (config.os === '' || config.architecture === '') return
  choosePlatform([{ platform: platformOf(config) }], wanted)
}

function describe({ bytes, digest, content }: FetchedManifest, config: ImageConfig): Descriptor {
  const mediaType = content.mediaType === '' ? MEDIA_TYPES.ociManifest : content.mediaType
  return { mediaType, digest, size: bytes.length, platform: platformOf(config) }
}

function platformOf({ os, architecture, variant }: ImageConfig): Platform {
  return { os, architecture, ...(variant !== undefined && variant !== '' && { variant }) }
}
