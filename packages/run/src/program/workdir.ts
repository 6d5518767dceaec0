import { shown, slot, value } from '@gocker/kernel'
import { EACCES } from './constants.ts'
import type { PlanWith } from './plan.ts'

const entered = slot('working directory entered')
const where = slot('where it is', 4096)
/** How the kernel begins the path of a directory that no path from the root leads to, as a word. @see getcwd(2) */
const OUTSIDE = shown(Buffer.from('(unreachable)').readBigUInt64LE(), '"(unreach"')

/** As root: the user may stand in a directory that he may not look into. */
export function enterWorkdir({ program, spec }: PlanWith): void {
  const { cwd } = spec.process
  program.row({ name: `go to ${cwd}`, call: 'chdir', args: [cwd], result: entered, pass: ['EACCES'], isolates: 'working directory' })
}

/** Again as the user, where root is not let in: a network file system's. */
export function reenterWorkdir(plan: PlanWith): void {
  const { program, spec } = plan
  const { cwd } = spec.process
  program.compare({ name: `is it in ${cwd}?`, a: value(entered), b: -EACCES, onPositive: 'in the working directory' })
  program.row({ name: `go to ${cwd} as the user`, call: 'chdir', args: [cwd] })
  program.label('in the working directory')
  refuseOutside(plan)
}

/** A path such as /proc/self/fd/8 could lead to a directory of the host (CVE-2024-21626); the descriptors are closed, and this looks again. */
function refuseOutside({ program }: PlanWith): void {
  program.row({ name: 'see where that is', call: 'getcwd', args: [where, 4096] })
  program.compare({ name: 'is it outside of the container?', a: value(where), b: OUTSIDE, onNegative: 'inside', onPositive: 'inside' })
  program.row({ name: 'refuse a working directory outside of the container', call: 'chdir', args: ['(unreachable)'] })
  program.label('inside')
}
