import { readFileSync } from 'node:fs'
import { uptime } from 'node:os'
import { openCgroup } from '@gocker/kernel'
import { cgroupPath, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { containerStatus } from '../life/status.ts'
import { namespaceProcesses } from './namespace-processes.ts'
import { type Moment, processRow, TITLES } from './process-row.ts'
import { type ProcessStat, readStat } from './process-stat.ts'
import { psTable } from './ps.ts'

/** What ps(1) would print. */
export interface ProcessTable {
  readonly titles: readonly string[]
  /** As many cells as there are titles. */
  readonly rows: readonly (readonly string[])[]
}

/**
 * The processes of a running container, with the numbers that this machine has for them.
 * @param options of the host's ps(1), which is run only where there are some; without, it is as `ps -ef`
 * @throws {RunError} `NOT_RUNNING`, `INVALID_OPTION` for options that ps does not take or that leave out the pid, `UNSUPPORTED` without ps
 */
export async function topContainer(store: Store, idOrName: string, options: readonly string[] = []): Promise<ProcessTable> {
  const record = await store.containers.get(idOrName)
  const { status } = await containerStatus(store, record)
  if (status !== 'running' && status !== 'paused')
    throw new RunError('NOT_RUNNING', `listing the processes of container ${record.name}: it is not running`, {
      hint: `gocker start ${record.name}`,
    })
  const state = await store.containers.readState(record.id)
  const known = await openCgroup(state?.cgroup ?? cgroupPath(record.id)).processes()
  // An ordinary user's container may have no cgroup.
  const pids = known.length > 0 ? known : namespaceProcesses(state?.pid ?? 0)
  if (options.length > 0) return await psTable(pids, options)
  const moment = { now: new Date(), uptime: uptime(), users: userNames() }
  return { titles: TITLES, rows: pids.flatMap(statOf).map((stat) => processRow(stat, moment)) }
}

/** Nothing of one that has ended meanwhile. */
function statOf(pid: number): ProcessStat[] {
  const directory = `/proc/${pid}`
  try {
    const read = (name: string) => readFileSync(`${directory}/${name}`, 'utf8')
    return [readStat({ stat: read('stat'), status: read('status'), cmdline: read('cmdline') })]
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ESRCH') return []
    throw error
  }
}

/** This machine's. */
function userNames(): Moment['users'] {
  const lines = readFileSync('/etc/passwd', 'utf8').split('\n')
  const entries = lines.map((line) => line.split(':')).filter(([, , uid]) => uid !== undefined)
  // Of several names for a number the first one counts.
  return new Map(entries.reverse().map(([name = '', , uid]) => [Number(uid), name]))
}
