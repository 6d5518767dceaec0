import { shown, struct } from '@gocker/kernel'
import { stdio } from '../../program/descriptors.ts'
import type { PlanWith } from '../../program/plan.ts'

const FIONBIO = shown(0x5421, 'FIONBIO')

/** The caller's stdin, stdout and stderr. Node makes pipes never wait for as long as it runs, and the command is to wait in them. */
export function streams(plan: PlanWith<'stdio'>): void {
  const { program, spec, facts } = plan
  if (spec.process.terminal !== true)
    for (const [fd, kind] of facts.stdio.entries())
      if (kind === 'pipe') program.row({ name: `let descriptor ${fd} wait`, call: 'ioctl', args: [fd, FIONBIO, struct([0])] })
  stdio(plan)
}
