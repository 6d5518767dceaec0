import { availableParallelism } from 'node:os'
import { type Descriptor, formatReference, parseReference, type Reference } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { Credentials } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import { Connection } from '../registry/connection.ts'
import { endpointsOf } from '../registry/endpoint.ts'
import { openHttp } from '../registry/http.ts'
import { credentialsFor } from '../registry/registry.ts'
import { eachBounded } from '../transfer/bounded.ts'
import { PATIENT, type RetryPolicy } from '../transfer/retries.ts'
import { GZIP, type LayerCompression } from './compression.ts'
import { type PushListener, retriesTo } from './events.ts'
import { mountSourcesOf, repoDigestOf } from './mount-sources.ts'
import { type PushContext, pushLayer, pushSmallBlob } from './push-layer.ts'
import { outgoingManifest, sendManifest } from './push-manifest.ts'

export interface PushOptions {
  readonly store: Store
  /** Where to: `registry/repository[:tag]`. */
  readonly reference: string
  /** The image that the reference names unless given. */
  readonly image?: StoredImage | undefined
  /** Of plain layers; what is compressed stays as it is. gzip unless given. */
  readonly compression?: LayerCompression | undefined
  /** Allows plain http, and https with a certificate that nobody vouches for. This machine's own addresses are always allowed. */
  readonly insecure?: boolean | undefined
  /** For the registry that the reference names; by default what docker's and containers' files keep. */
  readonly credentials?: Credentials | undefined
  readonly retry?: RetryPolicy | undefined
  /** Where proxies and the places of credentials are read; by default the process's own. */
  readonly environment?: NodeJS.ProcessEnv | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: PushListener | undefined
}

const FEWEST_AT_ONCE = 3

/**
 * Brings an image to a registry: only the layers that it has not, each of them once, side by side; the manifest last.
 * @returns what the registry has now: the manifest's digest is another than here where layers were compressed on the way
 * @throws {PullError} `INVALID_OPTION`, `UNAUTHORIZED`, `DENIED`, `UNREACHABLE`, ...
 * @throws {StoreError} `NOT_FOUND`
 * @throws {OciError} `INVALID_REFERENCE`
 * @see https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push
 */
export async function pushImage(options: PushOptions): Promise<Descriptor> {
  const { store, signal, onEvent } = options
  const reference = parseReference(options.reference)
  if (reference.digest !== undefined)
    throw new PullError('INVALID_OPTION', `pushing ${options.reference}: a digest is what comes out, and cannot be given`)
  const pushed = await store.keeping(
    async () => {
      const image = options.image ?? (await store.images.get(options.reference))
      return await pushTo(reference, image, options)
    },
    { ...(signal !== undefined && { signal }) },
  )
  onEvent?.({ type: 'done', reference: formatReference(reference), digest: pushed.digest })
  return pushed
}

async function pushTo(reference: Reference, image: StoredImage, options: PushOptions): Promise<Descriptor> {
  const { store, retry = PATIENT, insecure = false, environment = process.env, signal, onEvent } = options
  const images = await store.images.list()
  const sources = mountSourcesOf(images, reference)
  const scopes = scopesOf(reference, image, sources)
  const http = openHttp({ insecure, environment, stallTimeout: retry.longestStall })
  try {
    const [endpoint] = endpointsOf(reference, { insecure })
    const connection = new Connection(endpoint, { http, findCredentials: credentialsFor(reference, options), scopes })
    const { compression = GZIP } = options
    const mountSources: PushContext['mountSources'] = (digest) => sources.get(digest) ?? []
    const context = { connection, store, compression, mountSources, retry, onEvent }
    const layers = await pushLayers(reference, image, { ...context, signal })
    await pushSmallBlob(image.manifest.config, { ...context, signal })
    const manifest = await outgoingManifest(store, image, layers)
    await sendManifest(connection, manifest, { tag: reference.tag ?? 'latest', policy: retry, signal, onEvent: retriesTo(onEvent) })
    await rememberName(store, image, repoDigestOf(reference, manifest.digest), formatReference(reference))
    const { mediaType, digest, bytes } = manifest
    return { mediaType, digest, size: bytes.length }
  } finally {
    await http.close()
  }
}

function scopesOf({ repository }: Reference, { manifest }: StoredImage, sources: ReturnType<typeof mountSourcesOf>): string[] {
  const others = new Set(manifest.layers.flatMap(({ digest }) => sources.get(digest) ?? []))
  return [`repository:${repository}:pull,push`, ...Array.from(others, (other) => `repository:${other}:pull`)]
}

async function pushLayers(reference: Reference, { manifest }: StoredImage, context: PushContext): Promise<Descriptor[]> {
  const layers = [...new Map(manifest.layers.map((layer) => [layer.digest, layer])).values()]
  context.onEvent?.({
    type: 'resolved',
    reference: formatReference(reference),
    layers: layers.map(({ digest, size }) => ({ digest, size })),
  })
  const pushed = new Map<string, Descriptor>()
  const limit = Math.max(FEWEST_AT_ONCE, availableParallelism())
  await eachBounded(
    layers,
    async (layer, signal) => {
      pushed.set(layer.digest, await pushLayer(layer, { ...context, signal }))
    },
    { limit, signal: context.signal },
  )
  return manifest.layers.map((layer) => pushed.get(layer.digest) ?? layer)
}

/** An image that has the name here is known by the registry's digest from now on. */
async function rememberName(store: Store, { references, descriptor }: StoredImage, repoDigest: string, name: string): Promise<void> {
  if (references.includes(name)) await store.images.tag(name, descriptor, { repoDigest })
}
