import { blockSignals, shown, slot, value } from '@gocker/kernel'
import { CLONE_PARENT, makeProcess } from '../../program/cgroup.ts'
import { containerEnd, containerPid, makeTie, monitorEnd, REPORTS } from '../../program/monitor.ts'
import { cloneFlagsOf, joinOutside } from '../../program/namespaces.ts'
import { ownTimeNamespace } from '../../program/time-namespace.ts'
import { mapIds } from '../../program/user-namespace.ts'
import type { RuntimePlan } from './plan.ts'

/**
 * The part that stays outside, and only until the container is created: the container's first process is not its child but gocker's, and when
 * that ends the child of whoever looks after orphans, who then hears how it ended.
 */
export function outside(plan: RuntimePlan): void {
  const { program } = plan
  blockSignals(program)
  joinOutside(plan)
  ownTimeNamespace(plan)
  makeTie(program)
  const { operand, text } = cloneFlagsOf(plan)
  makeProcess(plan, {
    flags: shown(Number(operand) + CLONE_PARENT, `CLONE_PARENT|${text}`),
    pid: containerPid,
    name: 'make the first process of the container',
    isolates: 'namespaces: those that were asked for',
  })
  program.row({ name: "close the container's end of the tie", call: 'close', args: [value(containerEnd)] })
  mapIds(plan)
  program.report(REPORTS.started, [containerPid])
  // Nobody but the container may hold its stdin, stdout and stderr.
  program.row({ name: "let go of the container's stdio", call: 'close_range', args: [0, 2, 0] })
  program.row({ name: 'wait until it is created', call: 'read', args: [value(monitorEnd), slot('nothing'), 1], pass: 'any' })
  program.label('end')
  program.row({ name: 'end', call: 'exit_group', args: [0] })
}
