import { dirname } from 'node:path'
import { KernelError } from '../../error.ts'
import { readCgroupFile, writeCgroupFile } from '../files.ts'

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
  try {
    writeCgroupFile(parent, { file: FILE, value: `+${controller}` })
  } catch (error) {
    throw withHint(error as KernelError)
  }
}

function withHint(error: KernelError): KernelError {
  if (error.code !== 'EBUSY') return error
  const hint = 'a cgroup of v2 has processes or gives controllers to its children, not both: move its processes into a child first'
  return new KernelError(error.code, error.message, { syscall: error.syscall, hint, cause: error })
}
