import type { Digest } from './digest.ts'
import { isDigest } from './digest.ts'
import { OciError } from './error.ts'
import { parseJsonObject } from './manifest.ts'
import { isObject, misshapen, type Shape, withoutNulls } from './shape.ts'

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

const SHAPES = { created: 'text', author: 'text', variant: 'text', 'os.version': 'text', 'os.features': 'list of texts' } as const

const CONTAINER_SHAPES: Readonly<Record<keyof Omit<ContainerConfig, 'Healthcheck'>, Shape>> = {
  User: 'text',
  ExposedPorts: 'set',
  Env: 'list of texts',
  Entrypoint: 'list of texts',
  Cmd: 'list of texts',
  Volumes: 'set',
  WorkingDir: 'text',
  Labels: 'object of texts',
  StopSignal: 'text',
  ArgsEscaped: 'boolean',
  OnBuild: 'list of texts',
  Shell: 'list of texts',
}

const HEALTHCHECK_SHAPES: Readonly<Record<keyof Healthcheck, Shape>> = {
  Test: 'list of texts',
  Interval: 'number',
  Timeout: 'number',
  StartPeriod: 'number',
  StartInterval: 'number',
  Retries: 'number',
}

const HISTORY_SHAPES: Readonly<Record<keyof HistoryEntry, Shape>> = {
  created: 'text',
  author: 'text',
  created_by: 'text',
  comment: 'text',
  empty_layer: 'boolean',
}

/**
 * Reads an image's config, and sees that everything in it is what {@link ImageConfig} says; what is null is left out.
 * @throws {OciError} `INVALID_DOCUMENT`
 */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const document = withoutNulls(parseJsonObject(bytes, 'image config'))
  for (const field of ['os', 'architecture'])
    if (typeof document[field] !== 'string') throw invalid(`${field} is ${JSON.stringify(document[field])}, expected a text`)
  checkShapes('', document, SHAPES)
  const { config, history } = document
  return {
    ...document,
    rootfs: readRootfs(document.rootfs),
    ...(config !== undefined && { config: readContainerConfig(config) }),
    ...(history !== undefined && { history: readHistory(history) }),
  } as unknown as ImageConfig
}

function readRootfs(rootfs: unknown): { type: 'layers'; diff_ids: unknown[] } {
  const { type, diff_ids } = (rootfs ?? {}) as { type?: unknown; diff_ids?: unknown }
  if (type !== 'layers') throw invalid(`rootfs.type is ${JSON.stringify(type)}, expected "layers"`)
  // docker leaves the list out when it is empty.
  const diffIDs: unknown = diff_ids ?? []
  const isList = Array.isArray(diffIDs) && diffIDs.every((id) => typeof id === 'string' && isDigest(id))
  if (!isList) throw invalid('rootfs.diff_ids is not a list of digests')
  return { type, diff_ids: diffIDs }
}

function readContainerConfig(value: unknown): Record<string, unknown> {
  const config = readObject('config', value, CONTAINER_SHAPES)
  const { Healthcheck } = config
  if (Healthcheck === undefined) return config
  return { ...config, Healthcheck: readObject('config.Healthcheck', Healthcheck, HEALTHCHECK_SHAPES) }
}

function readHistory(value: unknown): Record<string, unknown>[] {
  if (!Array.isArray(value)) throw invalid('history is not a list')
  return value.map((entry, index) => readObject(`history[${index}]`, entry, HISTORY_SHAPES))
}

function readObject(where: string, value: unknown, shapes: Readonly<Record<string, Shape>>): Record<string, unknown> {
  if (!isObject(value)) throw invalid(`${where} is not an object`)
  const object = withoutNulls(value)
  checkShapes(`${where}.`, object, shapes)
  return object
}

function checkShapes(where: string, object: Record<string, unknown>, shapes: Readonly<Record<string, Shape>>): void {
  const wrong = misshapen(object, shapes)
  if (wrong !== undefined) throw invalid(`${where}${wrong}`)
}

function invalid(why: string): OciError {
  return new OciError('INVALID_DOCUMENT', `reading image config: ${why}`)
}
