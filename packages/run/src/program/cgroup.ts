import { slot, value } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { AT_FDCWD, TO_WRITE } from './constants.ts'
import type { Plan } from './plan.ts'

/** Before anything is done that costs memory or processes; 0 means whoever writes it. */
export function enterCgroup({ program, spec, facts }: Plan): void {
  const file = slot('cgroup.procs')
  for (const [index, path] of facts.cgroup.procsFiles.entries()) {
    const hierarchy = hierarchyOf(path, spec)
    const args = [AT_FDCWD, path, TO_WRITE]
    const isolates = index === 0 ? { isolates: 'cgroup: limits on memory, processor time, processes and devices' } : {}
    program.row({ name: `open the cgroup in ${hierarchy}`, call: 'openat', args, result: file, ...isolates })
    program.row({ name: `enter it in ${hierarchy}`, call: 'write', args: [value(file), '0', 1] })
    program.row({ name: 'close it', call: 'close', args: [value(file)] })
  }
}

/** Where the tree of cgroups is mounted that this file belongs to. */
export function hierarchyOf(file: string, { linux }: RuntimeSpec): string {
  const { cgroupsPath = '' } = linux
  return file.slice(0, file.lastIndexOf(cgroupsPath))
}
