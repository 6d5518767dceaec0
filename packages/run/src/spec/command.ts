import type { ContainerConfig } from '@gocker/oci'
import { RunError } from '../error.ts'
import type { RunOptions } from '../options/container-options.ts'

/**
 * Entrypoint and command as one line: a command replaces the image's Cmd, an entrypoint replaces both.
 * @throws {RunError} `NO_COMMAND`
 * @see https://docs.docker.com/reference/dockerfile/#understand-how-cmd-and-entrypoint-interact
 */
export function commandLine(config: ContainerConfig, { command, entrypoint }: Pick<RunOptions, 'command' | 'entrypoint'>): string[] {
  const own = entrypoint === undefined ? undefined : ownEntrypoint(entrypoint)
  const given = command !== undefined && command.length > 0 ? command : undefined
  const args = [...(own ?? config.Entrypoint ?? []), ...(given ?? (own === undefined ? (config.Cmd ?? []) : []))]
  if (args.length > 0) return args
  throw new RunError('NO_COMMAND', 'starting a container: neither the image nor the command line says what to run', {
    hint: 'add a command behind the image',
  })
}

function ownEntrypoint(entrypoint: string | readonly string[]): readonly string[] {
  if (typeof entrypoint !== 'string') return entrypoint
  return entrypoint === '' ? [] : [entrypoint]
}
