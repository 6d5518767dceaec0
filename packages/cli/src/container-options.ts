import { healthCheckOf } from '@gocker/run'
import { CONTAINER_FLAGS, type ContainerFlag, nameOf, type RequestedContainer } from './container-flag-table.ts'
import { readEnvFile } from './env-file.ts'
import { networkOptions } from './network-flags.ts'

/** Flags that say what a container is, as commander gives them; each is named as docker names it. */
export interface ContainerFlags {
  readonly [name: string]: unknown
}

const NEGATION = 'no-'

/**
 * Reads the flags' texts.
 * @throws {RunError} `INVALID_OPTION`
 */
export function containerOptions(flags: ContainerFlags): RequestedContainer {
  const options: Record<string, unknown> = {}
  for (const flag of Object.values(CONTAINER_FLAGS).flat()) {
    const value = valueOf(flag, flags[attributeOf(flag)])
    if (value !== undefined) options[flag.option] = merged(options[flag.option], value)
  }
  const fromFiles = ((flags.envFile ?? []) as string[]).flatMap(readEnvFile)
  // What is said with -e goes over what a file says.
  if (fromFiles.length > 0) options.env = [...fromFiles, ...((options.env ?? []) as string[])]
  // Not only when the container starts: what contradicts itself is refused before anything is made.
  healthCheckOf({}, options)
  return { ...options, ...networkOptions(flags) } as RequestedContainer
}

function valueOf(flag: ContainerFlag, given: unknown): unknown {
  const { read = (text: string) => text, several, record } = flag
  const name = nameOf(flag)
  // commander has such a flag without its first word, and true unless it is given.
  if (name.startsWith(NEGATION)) return given === false ? true : undefined
  if (given === undefined) return undefined
  if (several !== true) return typeof given === 'string' ? read(given, name) : given
  const values = (given as string[]).map((text) => read(text, name))
  if (values.length === 0) return undefined
  return record === true ? Object.fromEntries(values as [string, string][]) : values
}

/** -v, --mount and --tmpfs add to one list, --log-driver and --log-opt to one record. */
function merged(before: unknown, value: unknown): unknown {
  if (isRecord(before) && isRecord(value)) return { ...before, ...value }
  return Array.isArray(before) && Array.isArray(value) ? [...before, ...value] : value
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** commander's name of a flag: `--cpu-shares` is `cpuShares`. */
function attributeOf(flag: ContainerFlag): string {
  return nameOf(flag)
    .replace(NEGATION, '')
    .replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase())
}
