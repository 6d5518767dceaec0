import { bytes, seccompFlags, shown, struct, type Writable } from '@gocker/kernel'
import type { PlanWith } from './plan.ts'

const SECCOMP_SET_MODE_FILTER = shown(1, 'SECCOMP_SET_MODE_FILTER')
const INSTRUCTION_SIZE = 8

/** The filter of system calls. @param listener where the descriptor goes by which somebody is asked, where the filter does that */
export function seccomp({ program, spec, facts }: PlanWith<'seccompFilter'>, listener?: Writable): void {
  const { seccompFilter } = facts
  if (seccompFilter === undefined || spec.linux.seccomp === undefined) return
  const count = seccompFilter.length / INSTRUCTION_SIZE
  program.row({
    name: `filter system calls (${count} instructions)`,
    call: 'seccomp',
    args: [SECCOMP_SET_MODE_FILTER, seccompFlags(spec.linux.seccomp), struct([count, bytes(seccompFilter)])],
    ...(listener !== undefined && { result: listener }),
    isolates: 'seccomp: the system calls that a container needs',
  })
}
