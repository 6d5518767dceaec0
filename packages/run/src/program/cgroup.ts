import { slot, value } from '@gocker/kernel'
import { AT_FDCWD, O_CLOEXEC, O_WRONLY } from './constants.ts'
import type { Plan } from './plan.ts'

/** Before anything is done that costs memory or processes; 0 means whoever writes it. */
export function enterCgroup({ program, facts }: Plan): void {
  const file = slot('cgroup.procs')
  for (const [index, path] of facts.cgroup.procsFiles.entries()) {
    const args = [AT_FDCWD, path, O_WRONLY | O_CLOEXEC]
    const isolates = index === 0 ? { isolates: 'cgroup: limits on memory, processor time, processes and devices' } : {}
    program.row({ name: `open ${path}`, call: 'openat', args, result: file, ...isolates })
    program.row({ name: `enter the cgroup by ${path}`, call: 'write', args: [value(file), '0', 1] })
    program.row({ name: `close ${path}`, call: 'close', args: [value(file)] })
  }
}
