import { bytes, seccompFlags, struct } from '@gocker/kernel'
import type { Plan } from './plan.ts'

const SECCOMP_SET_MODE_FILTER = 1
const INSTRUCTION_SIZE = 8

/** The filter of system calls. */
export function seccomp({ program, spec, facts }: Plan): void {
  const { seccompFilter } = facts
  if (seccompFilter === undefined || spec.linux.seccomp === undefined) return
  const count = seccompFilter.length / INSTRUCTION_SIZE
  program.row({
    name: `filter system calls (${count} instructions)`,
    call: 'seccomp',
    args: [SECCOMP_SET_MODE_FILTER, seccompFlags(spec.linux.seccomp), struct([count, bytes(seccompFilter)])],
    isolates: 'seccomp: the system calls that a container needs',
  })
}
