import { slot, value } from '@gocker/kernel'
import { AT_FDCWD, TO_WRITE } from './constants.ts'
import type { PlanWith } from './plan.ts'
import { mapsIds } from './user-namespace.ts'

/** By the host's /proc, which nobody in the container can have replaced. */
export function oomScore(plan: PlanWith): void {
  const { program, spec } = plan
  const { oomScoreAdj } = spec.process
  if (oomScoreAdj === undefined || mapsIds(plan)) return
  const file = slot('oom_score_adj')
  const text = `${oomScoreAdj}`
  program.row({
    name: 'open its oom score',
    call: 'openat',
    args: [AT_FDCWD, '/proc/self/oom_score_adj', TO_WRITE],
    result: file,
  })
  program.row({ name: `set its oom score to ${text}`, call: 'write', args: [value(file), text, text.length] })
}
