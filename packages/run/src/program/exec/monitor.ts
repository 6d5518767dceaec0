import { shown, slot, value } from '@gocker/kernel'
import { cloneIntoCgroup } from '../cgroup.ts'
import { SIGCHLD } from '../constants.ts'
import { containerEnd, containerPid, makeTie, monitorEnd } from '../monitor.ts'
import type { PlanWith } from '../plan.ts'

type Program = PlanWith['program']

const joiningPid = slot('joining pid')

/**
 * The side that stays outside: makes the process that joins the container, which is the label `container`, and learns from it the pid of
 * the command, its own child, too. It may be 0: then a failure was reported.
 */
export function startJoining(plan: PlanWith<'cgroup'>): void {
  const { program } = plan
  makeTie(program)
  const flags = shown(SIGCHLD, 'SIGCHLD')
  const name = 'make the process that joins the container'
  const isolates = 'the process that joins: enters the cgroups and namespaces of the container'
  cloneIntoCgroup(plan, { flags, pid: joiningPid, name, isolates })
  program.row({ name, call: 'clone', args: [flags, 0, 0, 0, 0], result: joiningPid, onZero: 'container', isolates })
  program.label('it is made')
  program.row({ name: "close the container's end of the tie", call: 'close', args: [value(containerEnd)] })
}

/** Behind these rows the pid of the command is known, and nothing but the command is left of what was started. */
export function learnPid(program: Program): void {
  program.row({ name: 'hear what pid the command has', call: 'read', args: [value(monitorEnd), containerPid, 8] })
  program.row({ name: 'see that what joined has ended', call: 'wait4', args: [value(joiningPid), 0, 0, 0] })
}
