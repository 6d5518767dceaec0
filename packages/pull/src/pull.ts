import { availableParallelism } from 'node:os'
import { formatPlatform, formatReference, hostPlatform, type Platform, parsePlatform, parseReference, type Reference } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { Credentials } from './credentials/credentials.ts'
import { PullError } from './error.ts'
import type { PullListener } from './events.ts'
import { layerFormat } from './layers/layer-format.ts'
import type { LayerFormat } from './layers/layer-formats.ts'
import { expectLayers } from './layers/layer-thread.ts'
import { fetchLayer } from './pull/fetch-layer.ts'
import { keepDocuments } from './pull/keep-documents.ts'
import type { PulledLayer } from './pull/pulled-layer.ts'
import { type ResolvedImage, resolveImage } from './pull/resolve-image.ts'
import { registryFor } from './registry/registry.ts'
import { ownSettings } from './settings/own-settings.ts'
import { hintingShortName } from './settings/short-names.ts'
import { eachBounded } from './transfer/bounded.ts'
import type { RetryPolicy } from './transfer/retries.ts'

export interface PullOptions {
  readonly store: Store
  /** `linux/arm64`; by default this machine's. */
  readonly platform?: Platform | string | undefined
  /** Allows plain http, and https with a certificate that nobody vouches for. This machine's own addresses are always allowed. */
  readonly insecure?: boolean | undefined
  /** `URL` for Docker Hub or `registry=URL`, joined by commas; by default what GOCKER_REGISTRY_MIRRORS says. */
  readonly mirrors?: string | undefined
  /** For the registry that the reference names; by default what docker's and containers' files keep. */
  readonly credentials?: Credentials | undefined
  /** Layers at once; by default the cores, but two at least. */
  readonly concurrency?: number | undefined
  /** What layers are to be in the store; by default what the environment and the settings say. */
  readonly layerFormat?: LayerFormat | undefined
  /** Keeps layers unpacked alone, not as they travel: what is missing then is said when it is asked for. By default what the settings say. */
  readonly discardBlobs?: boolean | undefined
  readonly retry?: RetryPolicy | undefined
  /** Where proxies, mirrors and the places of credentials are read; by default the process's own. */
  readonly environment?: NodeJS.ProcessEnv | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: PullListener | undefined
}

const FEWEST_AT_ONCE = 2
/** Threads that begin before anybody knows how many layers come. */
const MOST_EXPECTED = 2

/**
 * Brings an image from its registry into the store, its layers downloaded, verified and unpacked side by side in one pass.
 * The name is given only when everything is there; what is there already is not fetched.
 * @param text a reference as docker words it: `debian`, `ghcr.io/o/i:t`, `localhost:5000/x@sha256:...`
 * @throws {PullError} when the registry cannot be reached or refuses, or what it sends is not what it should be
 * @throws {OciError} `INVALID_REFERENCE`, `INVALID_PLATFORM`, `NO_MATCHING_PLATFORM`
 * @throws {StoreError} what the disk refuses
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#pull
 */
export async function pull(text: string, options: PullOptions): Promise<StoredImage> {
  const reference = parseReference(text)
  const platform = wantedPlatform(options.platform)
  const { store, signal, onEvent } = options
  const limit = limitOf(options.concurrency)
  signal?.throwIfAborted()
  const work = async () => {
    const name = formatReference(reference)
    if ((await store.images.find(name)) === undefined) expectLayers(Math.min(limit, MOST_EXPECTED))
    await using registry = registryFor(reference, options)
    onEvent?.({ type: 'resolving', reference: name })
    const resolved = await resolveImage(registry, reference.digest ?? reference.tag ?? 'latest', { ...options, name, platform }).catch(
      hintingShortName(text, options.environment),
    )
    tellResolved(resolved, { name, platform, onEvent })
    const layerForm = await layerFormat(store, { asked: options.layerFormat, environment: options.environment })
    const discardBlobs = options.discardBlobs ?? (await ownSettings(options.environment ?? process.env)).discardBlobs ?? false
    const isAlone = resolved.layers.length === 1 && limit > 1
    const fetch = { registry, store, layerForm, discardBlobs, isAlone, onEvent, retry: options.retry }
    await eachBounded(largestFirst(resolved.layers), (layer, either) => fetchLayer(layer, { ...fetch, signal: either }), {
      limit,
      signal,
    })
    await keepDocuments(store, resolved)
    return store.images.tag(nameFor(reference), resolved.descriptor, { repoDigest: repoDigest(reference, resolved) })
  }
  const image = await store.keeping(work, { ...(signal !== undefined && { signal }) })
  onEvent?.({ type: 'done', image })
  return image
}

/** So that at the end no processor waits for the last. */
function largestFirst(layers: readonly PulledLayer[]): PulledLayer[] {
  return layers.toSorted((a, b) => b.descriptor.size - a.descriptor.size)
}

function wantedPlatform(platform: PullOptions['platform']): Platform {
  if (platform === undefined) return hostPlatform()
  return typeof platform === 'string' ? parsePlatform(platform) : platform
}

function limitOf(concurrency = Math.max(FEWEST_AT_ONCE, availableParallelism())): number {
  if (Number.isInteger(concurrency) && concurrency > 0) return concurrency
  throw new PullError('INVALID_OPTION', `pulling ${concurrency} layers at once: not a number of layers`)
}

function tellResolved(
  { namedDigest, layers }: ResolvedImage,
  { name, platform, onEvent }: { name: string; platform: Platform; onEvent: PullListener | undefined },
): void {
  onEvent?.({
    type: 'resolved',
    reference: name,
    digest: namedDigest,
    platform: formatPlatform(platform),
    layers: layers.map(({ descriptor: { digest, size } }) => ({ digest, size })),
  })
}

/** With a digest, the tag says nothing that holds. */
function nameFor({ registry, repository, tag, digest }: Reference): string {
  return formatReference(
    digest === undefined ? { registry, repository, ...(tag !== undefined && { tag }) } : { registry, repository, digest },
  )
}

function repoDigest({ registry, repository }: Reference, { namedDigest }: ResolvedImage): string {
  return formatReference({ registry, repository, digest: namedDigest })
}
