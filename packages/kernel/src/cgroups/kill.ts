import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { KernelError } from '../error.ts'
import type { Setting } from './controller.ts'
import { readCgroupFile, writeCgroupFile } from './files.ts'
import { freezerOf, freezerV1 } from './freezer.ts'
import type { Hierarchy } from './hierarchies.ts'
import { listProcesses, PROCS_FILE } from './processes.ts'

const ATTEMPTS = 500
const PAUSE = 10

/**
 * Kills what is in a cgroup in any tree, and below it, until nothing is left.
 * @throws {KernelError} `EBUSY` when something is left after five seconds
 */
export async function killCgroup(path: string, hierarchies: readonly Hierarchy[]): Promise<void> {
  const directories = hierarchies.map(({ mountPoint }) => join(mountPoint, path))
  for (let attempt = 1; attempt <= ATTEMPTS; attempt++) {
    killAtOnce(path, hierarchies)
    if (listProcesses(directories).length > 0) killOneByOne(path, hierarchies, directories)
    if (listProcesses(directories).length === 0) return
    await sleep(PAUSE)
  }
  const left = listProcesses(directories).join(', ')
  throw new KernelError('EBUSY', `killing the processes of cgroup ${path}: ${left} would not go`, { syscall: 'kill' })
}

/** With all below it; v2 can, since Linux 5.14. */
function killAtOnce(path: string, hierarchies: readonly Hierarchy[]): void {
  const v2 = hierarchies.find(({ version }) => version === 'v2')
  if (v2 === undefined) return
  try {
    writeCgroupFile(join(v2.mountPoint, path), { file: 'cgroup.kill', value: '1' })
  } catch (error) {
    if (!(error instanceof KernelError) || error.code !== 'UNSUPPORTED') throw error
  }
}

/** Stopped while they are counted, so that none forks away, and then let go, so that they can die. */
function killOneByOne(path: string, hierarchies: readonly Hierarchy[], directories: readonly string[]): void {
  const place = freezerOf(path, hierarchies)
  const freeze = (frozen: boolean) => {
    if (place !== undefined) writeUnlessGone(place.directory, place.freezer.setting(frozen))
  }
  if (place?.freezer === freezerV1) freeze(true)
  try {
    for (const pid of listProcesses(directories)) killProcess(pid)
  } finally {
    freeze(false)
  }
}

/** Somebody else may be removing the cgroup, who need not wait for this. */
function writeUnlessGone(directory: string, setting: Setting): void {
  try {
    writeCgroupFile(directory, setting)
  } catch (error) {
    if (readCgroupFile(directory, PROCS_FILE) !== undefined) throw error
  }
}

function killProcess(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch (cause) {
    const { code = 'EPERM' } = cause as NodeJS.ErrnoException
    if (code !== 'ESRCH') throw new KernelError(code, `killing process ${pid}: ${code}`, { syscall: 'kill', cause })
  }
}
