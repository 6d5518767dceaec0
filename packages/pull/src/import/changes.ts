import { posix } from 'node:path'
import type { ContainerConfig } from '@gocker/oci'
import { PullError } from '../error.ts'
import { readPairs, readWords } from './change-words.ts'

type Draft = { -readonly [Key in keyof ContainerConfig]: ContainerConfig[Key] }

/**
 * What each instruction does to the config.
 * @see https://docs.docker.com/reference/cli/docker/image/import/#change
 */
const INSTRUCTIONS: Readonly<Record<string, (config: Draft, text: string) => void>> = {
  CMD: (config, text) => {
    config.Cmd = command(text)
  },
  ENTRYPOINT: (config, text) => {
    config.Entrypoint = command(text)
  },
  ENV: (config, text) => {
    const variables = new Map([...(config.Env ?? []).map(splitVariable), ...readPairs(text)])
    config.Env = [...variables].map(([name, value]) => `${name}=${value}`)
  },
  EXPOSE: (config, text) => {
    config.ExposedPorts = { ...config.ExposedPorts, ...emptyObjects(readWords(text).map(port)) }
  },
  LABEL: (config, text) => {
    config.Labels = { ...config.Labels, ...Object.fromEntries(readPairs(text)) }
  },
  ONBUILD: (config, text) => {
    config.OnBuild = [...(config.OnBuild ?? []), text]
  },
  STOPSIGNAL: (config, text) => {
    config.StopSignal = text
  },
  USER: (config, text) => {
    config.User = text
  },
  VOLUME: (config, text) => {
    config.Volumes = { ...config.Volumes, ...emptyObjects(readList(text) ?? readWords(text)) }
  },
  WORKDIR: (config, text) => {
    config.WorkingDir = posix.resolve('/', config.WorkingDir ?? '', text)
  },
}

/**
 * Reads instructions as `docker import --change` takes them, a later one over an earlier one.
 * @throws {PullError} `INVALID_OPTION`
 */
export function applyChanges(changes: readonly string[]): ContainerConfig {
  const config: Draft = {}
  for (const change of changes) applyChange(config, change)
  return config
}

function applyChange(config: Draft, change: string): void {
  const [, name = '', text = ''] = /^\s*(\S+)\s+(\S.*?)\s*$/s.exec(change) ?? []
  const instruction = INSTRUCTIONS[name.toUpperCase()]
  if (instruction === undefined) throw badChange(change, `expected one of ${Object.keys(INSTRUCTIONS).join(', ')}, and what it is to be`)
  try {
    instruction(config, text)
  } catch (error) {
    throw badChange(change, (error as Error).message)
  }
}

function badChange(change: string, why: string): PullError {
  return new PullError('INVALID_OPTION', `reading change ${JSON.stringify(change)}: ${why}`)
}

function command(text: string): readonly string[] {
  return readList(text) ?? ['/bin/sh', '-c', text]
}

/** A JSON list of texts; `undefined` when it is none, and so means itself, as docker takes it. */
function readList(text: string): readonly string[] | undefined {
  if (!text.startsWith('[')) return undefined
  try {
    const list: unknown = JSON.parse(text)
    return Array.isArray(list) && list.every((item) => typeof item === 'string') ? list : undefined
  } catch {
    return undefined
  }
}

function splitVariable(variable: string): [name: string, value: string] {
  const equals = variable.indexOf('=')
  return [variable.slice(0, equals), variable.slice(equals + 1)]
}

function port(text: string): string {
  const [, number, protocol = 'tcp'] = /^(\d{1,5})(?:\/(tcp|udp|sctp))?$/.exec(text) ?? []
  if (number === undefined || Number(number) > 65_535) throw new Error(`${JSON.stringify(text)} is not a port`)
  return `${number}/${protocol}`
}

function emptyObjects(names: readonly string[]): Record<string, Record<string, never>> {
  return Object.fromEntries(names.map((name) => [name, {}]))
}
