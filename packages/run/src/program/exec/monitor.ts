import { type Operand, shown, slot, value } from '@gocker/kernel'
import { makeProcess } from '../cgroup.ts'
import { SIGCHLD } from '../constants.ts'
import { containerEnd, containerPid } from '../monitor.ts'
import type { PlanWith } from '../plan.ts'

type Program = PlanWith['program']

/** What the row is called that makes the process that joins. */
export const MAKE_JOINING = 'make the process that joins the container'

export const joiningPid = slot('joining pid')

/**
 * The side that stays outside: makes the process that joins the container, which is the label `container`, and learns from it the pid of
 * the command, its own child, too. The tie is made before.
 */
export function startJoining(plan: PlanWith<'cgroup'>): void {
  const { program } = plan
  const flags = shown(SIGCHLD, 'SIGCHLD')
  const name = MAKE_JOINING
  const isolates = 'the process that joins: enters the cgroups and namespaces of the container'
  const cgroup = makeProcess(plan, { flags, pid: joiningPid, name, isolates })
  program.row({ name: "close the container's end of the tie", call: 'close', args: [value(containerEnd)] })
  if (cgroup !== undefined) program.row({ name: 'let go of the cgroup', call: 'close', args: [value(cgroup)] })
}

/** Behind these rows nothing but the command is left of what was started, and its pid is known; it is 0 where a failure was reported. */
export function learnPid(program: Program, tie: Operand): void {
  program.row({ name: 'hear what pid the command has', call: 'read', args: [tie, containerPid, 8] })
  program.row({ name: 'see that what joined has ended', call: 'wait4', args: [value(joiningPid), 0, 0, 0] })
}
