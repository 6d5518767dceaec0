import { readFileSync } from 'node:fs'

/**
 * When a process started, in clock ticks since boot: with the pid it names a process for good.
 * @returns undefined when there is no such process, and for one that has ended and whose parent has not asked how
 * @see proc_pid_stat(5), fields 3 and 22
 */
export function processStartTime(pid: number): number | undefined {
  const stat = readStat(pid)
  // Field 2 is the program's name, in which anything may stand, `)` too.
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ')
  if (fields === undefined || ENDED.includes(fields[0] ?? '')) return undefined
  return Number(fields[22 - 3])
}

/** Zombie, and dead. */
const ENDED = ['Z', 'X']

function readStat(pid: number): string | undefined {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'latin1')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return undefined
    throw error
  }
}
