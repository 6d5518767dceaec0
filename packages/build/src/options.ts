import type { Platform } from '@gocker/oci'
import type { HostEntry } from '@gocker/run'
import type { Store } from '@gocker/store'
import type { BuildListener } from './events.ts'
import type { CacheLocation } from './remote-cache/cache-location.ts'

export interface BuildOptions {
  readonly store: Store
  /**
   * What COPY and ADD may take files of: a directory; a git repository (`https://host/path.git#ref:directory`); the address of an archive
   * or of a Gockerfile; or `-`, which is either of those two as `input` brings it. A Gockerfile alone has no context.
   */
  readonly context: string
  /**
   * The Gockerfile: relative to the working directory, or within a context that is no directory of this machine; or `-`, the text that
   * `input` brings. Without it `Gockerfile`, then `Dockerfile` in the context.
   */
  readonly file?: string
  /** Read where `context` or `file` is `-`. */
  readonly input?: AsyncIterable<Uint8Array>
  /** Names of the image. */
  readonly tags?: readonly string[]
  readonly buildArgs?: Readonly<Record<string, string>>
  /** Run every step, whatever is known of it. */
  readonly noCache?: boolean
  /** The stage to build; the last one unless given. */
  readonly target?: string
  readonly platform?: Platform | string
  readonly labels?: Readonly<Record<string, string>>
  /** Of RUN; the default bridge unless given. */
  readonly network?: RunNetwork
  /** Lines of /etc/hosts in RUN. */
  readonly addHosts?: readonly HostEntry[]
  /** What `RUN --mount=type=secret` may ask for, by id. */
  readonly secrets?: Readonly<Record<string, SecretSource>>
  /** Paths of the agents' sockets that `RUN --mount=type=ssh` may ask for, by id. */
  readonly ssh?: Readonly<Record<string, string>>
  /** Results of steps that other machines have kept; looked at where this store does not know a step. */
  readonly cacheFrom?: readonly CacheLocation[]
  /** Where to keep the results of all steps that the build has used, in place of what is there. */
  readonly cacheTo?: readonly CacheLocation[]
  /** Ask the registry for base images even where they are here. */
  readonly pull?: boolean
  /** Plain http and unverified certificates for registries. */
  readonly insecure?: boolean
  /**
   * Seconds since 1970: no file and no date in the image is younger, and equal input gives equal digests.
   * @see https://reproducible-builds.org/specs/source-date-epoch/
   */
  readonly sourceDateEpoch?: number
  readonly signal?: AbortSignal
  readonly onEvent?: BuildListener
}

/** Read when a step needs it, and not kept. */
export type SecretSource = { readonly file: string } | { readonly value: string | Uint8Array }

/** `bridge`: the default one, with a way out; `none`: loopback alone; `host`: this machine's. */
export type RunNetwork = 'bridge' | 'none' | 'host'
