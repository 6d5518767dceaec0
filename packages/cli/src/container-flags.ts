import type { Command } from 'commander'
import { EVERY } from './command-group.ts'
import { CONTAINER_FLAGS, type ContainerFlag, nameOf, RESTART } from './container-flag-table.ts'
import { addNetworkFlags, NETWORK_FLAGS } from './network-flags.ts'
import { collect } from './option-values.ts'

const FLAGS = Object.values(CONTAINER_FLAGS).flat()

/**
 * Adds the flags that say what a container is.
 * @param words behind the command's name: of a hundred flags, which take longer to define than a line to read, those that may be in it
 */
export function addContainerFlags(command: Command, words: readonly string[]): void {
  const isMeant = meantIn(words, command)
  for (const [heading, flags] of Object.entries(CONTAINER_FLAGS)) {
    command.optionsGroup(heading)
    for (const { flags: text, help, several } of flags.filter(isMeant)) {
      if (several === true) command.option(text, help, collect, [])
      else command.option(text, help)
    }
  }
  addNetworkFlags(command)
  command.optionsGroup('Process:').option('--env-file <file>', 'variables from a file, a line each', collect, [])
}

/** All, where somebody asks for help, or for a flag that there is not and that is likely another's name. */
function meantIn(words: readonly string[], { options }: Command): (flag: ContainerFlag) => boolean {
  const names = words.flatMap((word) => /^--([^=]+)/.exec(word)?.[1] ?? [])
  const letters = words.filter((word) => /^-[^-]/.test(word)).join('')
  const known = [...FLAGS.map(nameOf), ...options.map(({ long }) => long?.slice(2) ?? ''), ...NETWORK_FLAGS, 'env-file']
  if (words.includes(EVERY) || names.some((name) => !known.includes(name))) return () => true
  return (flag) => names.includes(nameOf(flag)) || letters.includes(/^-(\w),/.exec(flag.flags)?.[1] ?? ' ')
}

/** The limits that can be changed of a container that is there. */
const CHANGEABLE = [
  'blkio-weight',
  'cpu-period',
  'cpu-quota',
  'cpu-shares',
  'cpus',
  'cpuset-cpus',
  'cpuset-mems',
  'memory',
  'memory-reservation',
  'memory-swap',
  'pids-limit',
]

/** Adds the flags that say what is to be changed of containers. */
export function addUpdateFlags(command: Command): void {
  const limits = FLAGS.filter((flag) => CHANGEABLE.includes(nameOf(flag)))
  for (const { flags, help } of [...limits, RESTART]) command.option(flags, help)
}
