import type { Descriptor, Digest, Reference } from '@gocker/oci'
import type { Credentials, FindCredentials } from '../credentials/credentials.ts'
import { credentialsFromFiles } from '../credentials/find-credentials.ts'
import { PullError } from '../error.ts'
import type { PullListener } from '../events.ts'
import { PATIENT, type RetryPolicy, retrying } from '../transfer/retries.ts'
import { type BlobBody, openBlob } from './blob.ts'
import { configured } from './configured.ts'
import { Connection } from './connection.ts'
import type { Http } from './http.ts'
import { type FetchedManifest, fetchManifest } from './manifest.ts'
import { fetchReferrers, fetchTagged } from './referrers.ts'

export interface RegistryOptions {
  /** Allows plain http, and https with a certificate that nobody vouches for. This machine's own addresses are always allowed. */
  readonly insecure?: boolean | undefined
  /** In the words of GOCKER_REGISTRY_MIRRORS, which is read when this is left out. */
  readonly mirrors?: string | undefined
  /** For the registry that the reference names; by default what docker's and containers' files keep. */
  readonly credentials?: Credentials | undefined
  /** Where proxies, mirrors and the places of credentials are read; by default the process's own. */
  readonly environment?: NodeJS.ProcessEnv | undefined
  readonly retry?: RetryPolicy | undefined
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: PullListener | undefined
}

/** One repository, wherever it can be had. */
export interface Registry extends AsyncDisposable {
  /** By tag or digest; tries again by itself. See {@link fetchManifest}. */
  manifest(tagOrDigest: string): Promise<FetchedManifest>
  /** From `offset` on; tries once. See {@link openBlob}, and `downloadBlob` for a whole one. */
  blob(descriptor: Pick<Descriptor, 'digest' | 'size'>, options?: BlobOptions): Promise<BlobBody>
  /** Manifests whose subject is `digest`; tries again by itself. See {@link fetchReferrers}. */
  referrers(digest: Digest): Promise<readonly Descriptor[]>
  /** What a tag names, or nothing; tries again by itself. */
  tagged(tag: string): Promise<FetchedManifest | undefined>
  /** Drops all connections. */
  close(): Promise<void>
}

export interface BlobOptions {
  readonly offset?: number
  readonly signal?: AbortSignal | undefined
  /** Asks the registry itself, when mirrors have not delivered. */
  readonly withoutMirrors?: boolean
}

/** A mirror is only a short cut: what fails there twice is asked from the next. */
const MIRROR_ATTEMPTS = 2

/**
 * Opens what a reference names; nothing is read or sent before it is asked. What `registries.conf` and gocker's own settings say of the
 * registry holds.
 */
export function registryFor(reference: Reference, options: RegistryOptions = {}): Registry {
  const { signal, onEvent, retry = PATIENT } = options
  let opened: Promise<OpenRegistry> | undefined
  const places = async () => {
    opened ??= openRegistry(reference, options)
    return (await opened).places
  }
  const close = async () => await (await opened?.catch(() => undefined))?.http.close()
  // Mirrors may lack what the registry has, and cannot be told from those that have it all.
  const fromItself = async <T>(use: (connection: Connection) => Promise<T>) =>
    (await places()).firstOf((connection) => retrying(() => use(connection), { policy: retry, signal, onEvent }), { withoutMirrors: true })

  return {
    manifest: async (tagOrDigest) =>
      (await places()).firstOf((connection) => {
        const policy = connection.endpoint.isMirror ? { ...retry, attempts: Math.min(MIRROR_ATTEMPTS, retry.attempts) } : retry
        return retrying(() => fetchManifest(connection, tagOrDigest, signal), { policy, signal, onEvent })
      }),
    blob: async (descriptor, { offset = 0, signal: own = signal, withoutMirrors = false } = {}) =>
      (await places()).firstOf((connection) => openBlob(connection, descriptor, { offset, signal: own }), { withoutMirrors, signal: own }),
    referrers: (digest) => fromItself((connection) => fetchReferrers(connection, digest, signal)),
    tagged: (tag) => fromItself((connection) => fetchTagged(connection, tag, signal)),
    close,
    [Symbol.asyncDispose]: close,
  }
}

interface OpenRegistry {
  readonly places: Places
  readonly http: Http
}

async function openRegistry(reference: Reference, options: RegistryOptions): Promise<OpenRegistry> {
  const { retry = PATIENT } = options
  const { http, endpoints } = await configured(reference, { ...options, stallTimeout: retry.longestStall })
  const findCredentials = credentialsFor(reference, options)
  const connections = endpoints.map((endpoint) => new Connection(endpoint, { http, findCredentials }))
  return { http, places: new Places(connections, options) }
}

/** Those that were given are for the registry that the reference names, and no other. */
export function credentialsFor(
  reference: Reference,
  { credentials, environment }: Pick<RegistryOptions, 'credentials' | 'environment'>,
): FindCredentials {
  const kept = credentialsFromFiles(environment)
  return async (registry, repository) =>
    credentials !== undefined && registry === reference.registry ? credentials : kept(registry, repository)
}

/** The connections in their order; a mirror that fails is passed over from then on. */
class Places {
  readonly #connections: readonly Connection[]
  readonly #options: RegistryOptions
  readonly #failed = new Set<Connection>()

  constructor(connections: readonly Connection[], options: RegistryOptions) {
    this.#connections = connections
    this.#options = options
  }

  async firstOf<T>(
    use: (connection: Connection) => Promise<T>,
    { withoutMirrors = false, signal = this.#options.signal }: { withoutMirrors?: boolean; signal?: AbortSignal | undefined } = {},
  ): Promise<T> {
    const open = this.#connections.filter(({ endpoint }) => !withoutMirrors || !endpoint.isMirror)
    for (const connection of open.filter((candidate) => candidate.endpoint.isMirror && !this.#failed.has(candidate))) {
      try {
        return await use(connection)
      } catch (error) {
        if (signal?.aborted || !(error instanceof PullError)) throw error
        this.#passOver(connection, error)
      }
    }
    return use(this.#itself())
  }

  /** What one mirror lacks, it lacks alone: it stays in use for the rest. */
  #passOver(connection: Connection, error: PullError): void {
    if (error.code !== 'NOT_FOUND') this.#failed.add(connection)
    this.#options.onEvent?.({ type: 'mirror-failed', mirror: connection.endpoint.name, why: error.message })
  }

  #itself(): Connection {
    const last = this.#connections.at(-1)
    if (last === undefined) throw new PullError('INVALID_OPTION', 'opening a registry: it has no endpoint')
    return last
  }
}
