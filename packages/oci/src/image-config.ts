import type { Digest } from './digest.ts'
import { isDigest } from './digest.ts'
import { OciError } from './error.ts'
import { parseJsonObject } from './manifest.ts'

/** @see https://github.com/opencontainers/image-spec/blob/main/config.md */
export interface ImageConfig {
  readonly created?: string
  readonly author?: string
  readonly architecture: string
  readonly variant?: string
  readonly os: string
  readonly 'os.version'?: string
  readonly 'os.features'?: readonly string[]
  readonly config?: ContainerConfig
  readonly rootfs: { readonly type: 'layers'; readonly diff_ids: readonly Digest[] }
  readonly history?: readonly HistoryEntry[]
}

/** How a container of the image runs: `config` of the image config, with docker's additions. */
export interface ContainerConfig {
  readonly User?: string
  readonly ExposedPorts?: Readonly<Record<string, Record<string, never>>>
  /** `NAME=value`. */
  readonly Env?: readonly string[]
  readonly Entrypoint?: readonly string[] | null
  readonly Cmd?: readonly string[] | null
  readonly Volumes?: Readonly<Record<string, Record<string, never>>> | null
  readonly WorkingDir?: string
  readonly Labels?: Readonly<Record<string, string>> | null
  readonly StopSignal?: string
  readonly ArgsEscaped?: boolean
  readonly Healthcheck?: Healthcheck
  readonly OnBuild?: readonly string[] | null
  readonly Shell?: readonly string[]
}

/** Durations in nanoseconds, as docker writes them. */
export interface Healthcheck {
  readonly Test?: readonly string[]
  readonly Interval?: number
  readonly Timeout?: number
  readonly StartPeriod?: number
  readonly StartInterval?: number
  readonly Retries?: number
}

export interface HistoryEntry {
  readonly created?: string
  readonly author?: string
  readonly created_by?: string
  readonly comment?: string
  readonly empty_layer?: boolean
}

/** @throws {OciError} `INVALID_DOCUMENT` */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const document = parseJsonObject(bytes, 'image config')
  for (const field of ['os', 'architecture'])
    if (typeof document[field] !== 'string') throw invalid(`${field} is ${JSON.stringify(document[field])}, expected a text`)
  const { type, diff_ids } = (document.rootfs ?? {}) as { type?: unknown; diff_ids?: unknown }
  if (type !== 'layers') throw invalid(`rootfs.type is ${JSON.stringify(type)}, expected "layers"`)
  // docker leaves the list out when it is empty.
  const diffIDs: unknown = diff_ids ?? []
  const isList = Array.isArray(diffIDs) && diffIDs.every((id) => typeof id === 'string' && isDigest(id))
  if (!isList) throw invalid('rootfs.diff_ids is not a list of digests')
  return { ...document, rootfs: { type, diff_ids: diffIDs } } as unknown as ImageConfig
}

function invalid(why: string): OciError {
  return new OciError('INVALID_DOCUMENT', `reading image config: ${why}`)
}
