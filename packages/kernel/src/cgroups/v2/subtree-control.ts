import { dirname } from 'node:path'
import { KernelError } from '../../error.ts'
import { readCgroupFile, writeCgroupFile } from '../files.ts'
import { PROCS_FILE } from '../processes.ts'

const FILE = 'cgroup.subtree_control'

/**
 * Lets a cgroup have a controller: every cgroup above it must give it away, from the root down.
 * @throws {KernelError} `EBUSY` where a cgroup above has processes of its own
 * @see https://docs.kernel.org/admin-guide/cgroup-v2.html#enabling-and-disabling
 */
export function enableController(controller: string, directory: string, mountPoint: string): void {
  if (directory === mountPoint) return
  const parent = dirname(directory)
  enableController(controller, parent, mountPoint)
  if (readCgroupFile(parent, FILE)?.split(' ').includes(controller)) return
  if (hasProcesses(parent)) throw stillBusy(controller, parent)
  writeCgroupFile(parent, { file: FILE, value: `+${controller}` })
}

/**
 * Where the kernel would give `cpu` or `pids` to the children of a cgroup that has processes, these become threads of one domain, and no process
 * can enter them any more: so nothing is given there. The root alone may have both, and has no type.
 */
function hasProcesses(directory: string): boolean {
  return readCgroupFile(directory, 'cgroup.type') !== undefined && readCgroupFile(directory, PROCS_FILE) !== ''
}

function stillBusy(controller: string, directory: string): KernelError {
  const hint = 'a cgroup of v2 has processes or gives controllers to its children, not both: move its processes into a child first'
  const message = `giving ${controller} to the cgroups below ${directory}: EBUSY (it has processes of its own)`
  return new KernelError('EBUSY', message, { syscall: `cgroup ${controller}`, hint })
}
