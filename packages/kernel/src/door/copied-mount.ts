import { callFailed, type Path } from './libc.ts'
import { systemCall } from './system-call.ts'

const AT_FDCWD = -100
const OPEN_TREE_CLONE = 1
const OPEN_TREE_CLOEXEC = 0o2_000_000

/**
 * A copy of a mount, mounted nowhere: of the same file system, whose pages in memory both have. Of one that is itself mounted nowhere since Linux 6.15,
 * by its name below the `/proc/<pid>/fd` of who has it.
 * @returns a descriptor, the caller's to close
 * @throws {KernelError} `ENOENT`, `EINVAL` where there is no mount any more
 * @see open_tree(2)
 */
export function copyMounted(path: Path): number {
  const copy = openTree(AT_FDCWD, `${path}`, OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC)
  if (copy < 0) throw callFailed('open_tree', `${path}`)
  return copy
}

const openTree = systemCall('open_tree')
