import { dirname } from 'node:path'
import { readCgroupFile, writeCgroupFile } from '../files.ts'

/**
 * A new cpuset of v1 has no processor and no memory, and takes no process: it gets its parent's, from the top down.
 * @see https://docs.kernel.org/admin-guide/cgroup-v1/cpusets.html
 */
export function inheritCpuset(directory: string, mountPoint: string): void {
  if (directory === mountPoint) return
  const parent = dirname(directory)
  inheritCpuset(parent, mountPoint)
  for (const file of ['cpuset.cpus', 'cpuset.mems']) {
    if (readCgroupFile(directory, file) !== '') continue
    const value = readCgroupFile(parent, file)
    if (value) writeCgroupFile(directory, { file, value })
  }
}
