import { directoriesBelow } from './directories.ts'
import { readCgroupFile } from './files.ts'

export const PROCS_FILE = 'cgroup.procs'
/** v1's, for threads. */
export const TASKS_FILE = 'tasks'

/** Every process that is in one of these cgroups or below it. */
export function listProcesses(directories: readonly string[]): number[] {
  const pids = directories.flatMap(directoriesBelow).flatMap((directory) => (readCgroupFile(directory, PROCS_FILE) ?? '').split('\n'))
  // 0 is a process of a PID namespace that we do not see.
  return [...new Set(pids.map(Number))].filter((pid) => pid > 0).sort((a, b) => a - b)
}
