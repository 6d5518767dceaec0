import { type Descriptor, formatReference, parseReference, type Reference } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { Credentials } from '../credentials/credentials.ts'
import { PullError } from '../error.ts'
import type { Connection } from '../registry/connection.ts'
import { PATIENT, type RetryPolicy } from '../transfer/retries.ts'
import { GZIP, type LayerCompression } from './compression.ts'
import { type PushListener, retriesTo } from './events.ts'
import { type MountSources, mountSourcesOf, repoDigestOf } from './mount-sources.ts'
import { withPushConnection } from './push-connection.ts'
import { type PushContext, pushSmallBlob } from './push-layer.ts'
import { pushLayers } from './push-layers.ts'
import { type ManifestDocument, outgoingManifest, sendManifest } from './push-manifest.ts'

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
  const reference = pushedName(options.reference)
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

/** @throws {PullError} `INVALID_OPTION` for a name with a digest; {OciError} */
export function pushedName(text: string): Reference {
  const reference = parseReference(text)
  if (reference.digest === undefined) return reference
  throw new PullError('INVALID_OPTION', `pushing ${text}: a digest is what comes out, and cannot be given`)
}

async function pushTo(reference: Reference, image: StoredImage, options: PushOptions): Promise<Descriptor> {
  const { store, signal, onEvent } = options
  const sources = mountSourcesOf(await store.images.list(), reference)
  const scopes = mountScopes([image], sources)
  return await withPushConnection(reference, { ...options, scopes }, async (connection) => {
    const context = pushContext(connection, sources, options)
    const manifest = await pushContent(reference, image, context)
    await sendManifest(connection, manifest, { tag: reference.tag ?? 'latest', policy: context.retry, signal, onEvent: retriesTo(onEvent) })
    await rememberName(store, image, repoDigestOf(reference, manifest.digest), formatReference(reference))
    const { mediaType, digest, bytes } = manifest
    return { mediaType, digest, size: bytes.length }
  })
}

/** What every part of a push needs. */
export function pushContext(connection: Connection, sources: MountSources, options: Omit<PushOptions, 'reference'>): PushContext {
  const { store, compression = GZIP, retry = PATIENT, signal, onEvent } = options
  return { connection, store, compression, mountSources: (digest) => sources.get(digest) ?? [], retry, signal, onEvent }
}

/** Brings an image's layers and config. @returns its manifest as it is to be there */
export async function pushContent(reference: Reference, image: StoredImage, context: PushContext): Promise<ManifestDocument> {
  const layers = await pushLayers(reference, image.manifest.layers, context)
  await pushSmallBlob(image.manifest.config, context)
  return await outgoingManifest(context.store, image, layers)
}

/** So that blobs can be taken over from other repositories. */
export function mountScopes(images: readonly StoredImage[], sources: MountSources): string[] {
  const others = new Set(images.flatMap(({ manifest }) => manifest.layers.flatMap(({ digest }) => sources.get(digest) ?? [])))
  return Array.from(others, (other) => `repository:${other}:pull`)
}

/** An image that has the name here is known by the registry's digest from now on. */
async function rememberName(store: Store, { references, descriptor }: StoredImage, repoDigest: string, name: string): Promise<void> {
  if (references.includes(name)) await store.images.tag(name, descriptor, { repoDigest })
}
