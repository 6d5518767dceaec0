import type { ContainerConfig, HistoryEntry, Platform } from '@gocker/oci'
import type { BuiltLayer } from './built-layer.ts'

/** What a stage has come to: the image that it would be if it ended here. A step gives the next one. */
export interface StageState {
  readonly platform: Platform
  readonly config: ContainerConfig
  readonly author?: string
  /** Lowest first. */
  readonly layers: readonly BuiltLayer[]
  readonly history: readonly HistoryEntry[]
  /** ISO 8601; of the newest step, else of the base. */
  readonly created: string
  /** What is expanded, and what RUN gets: of ENV and ARG of one name the one that came last. */
  readonly variables: ReadonlyMap<string, string>
  /** ARGs declared so far, also those without a value. */
  readonly args: ReadonlySet<string>
  /** Whether the CMD was set in this stage: ENTRYPOINT takes away only what came with the base. */
  readonly ownCmd: boolean
  /** Of the shell form. */
  readonly shell: readonly string[]
}

export const DEFAULT_SHELL: readonly string[] = ['/bin/sh', '-c']

/** `NAME=value` as a map; of a name given twice the last counts. */
export function environmentOf(config: ContainerConfig): Map<string, string> {
  return new Map((config.Env ?? []).map((line) => splitAtEquals(line)))
}

/** The state with one more line of history; `layer` is what the step made. */
export function withStep(
  state: StageState,
  { text, created, layer }: { readonly text: string; readonly created: string; readonly layer?: BuiltLayer | undefined },
): StageState {
  const entry: HistoryEntry = { created, created_by: text, ...(layer === undefined && { empty_layer: true }) }
  const layers = layer === undefined ? state.layers : [...state.layers, layer]
  return { ...state, layers, created, history: [...state.history, entry] }
}

function splitAtEquals(line: string): [name: string, value: string] {
  const equals = line.indexOf('=')
  return equals < 0 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)]
}
