import { readFileSync } from 'node:fs'
import { RunError, updateInRuntime } from '@gocker/run'
import { wholeNumber } from './numbers.ts'
import type { Call } from './runtime-action.ts'

/** Flags, and where in the specification's resources they belong. */
const NUMBERS: readonly (readonly [flag: string, part: string, name: string])[] = [
  ['blkioWeight', 'blockIO', 'weight'],
  ['cpuPeriod', 'cpu', 'period'],
  ['cpuQuota', 'cpu', 'quota'],
  ['cpuShare', 'cpu', 'shares'],
  ['cpuRtPeriod', 'cpu', 'realtimePeriod'],
  ['cpuRtRuntime', 'cpu', 'realtimeRuntime'],
  ['cpuIdle', 'cpu', 'idle'],
  ['memory', 'memory', 'limit'],
  ['memoryReservation', 'memory', 'reservation'],
  ['memorySwap', 'memory', 'swap'],
  ['pidsLimit', 'pids', 'limit'],
]
const TEXTS: readonly (readonly [flag: string, part: string, name: string])[] = [
  ['cpusetCpus', 'cpu', 'cpus'],
  ['cpusetMems', 'cpu', 'mems'],
]

export async function update({ global, words: [id], flags }: Call): Promise<undefined> {
  const { resources } = flags
  await updateInRuntime(global.home, id as string, resources === undefined ? fromFlags(flags) : readFrom(resources as string))
}

function readFrom(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8')
  } catch (cause) {
    throw new RunError('INVALID_OPTION', `reading ${file}: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

/** What the file would say. */
function fromFlags(flags: Call['flags']): string {
  const resources: Record<string, Record<string, number | string>> = {}
  const set = (part: string, name: string, value: number | string) => {
    resources[part] = { ...resources[part], [name]: value }
  }
  for (const [flag, part, name] of NUMBERS) if (flags[flag] !== undefined) set(part, name, wholeNumber(flags[flag] as string, flag))
  for (const [flag, part, name] of TEXTS) if (flags[flag] !== undefined) set(part, name, flags[flag] as string)
  if (Object.keys(resources).length > 0) return JSON.stringify(resources)
  throw new RunError('INVALID_OPTION', 'updating a container: nothing is said to be changed')
}
