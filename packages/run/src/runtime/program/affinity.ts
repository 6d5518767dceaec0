import { bytes } from '@gocker/kernel'
import { RunError } from '../../error.ts'
import type { PlanWith } from '../../program/plan.ts'

const LARGEST = 8191

/** Which processors it may run on: `initial` before it enters the cgroup, `final` behind. @throws {RunError} `INVALID_OPTION` */
export function affinity({ program, spec }: PlanWith, when: 'initial' | 'final'): void {
  const list = spec.process.execCPUAffinity?.[when]
  if (list === undefined || list === '') return
  const mask = processorMask(list)
  program.row({ name: `run on processors ${list}`, call: 'sched_setaffinity', args: [0, mask.length, bytes(mask)], isolates: 'scheduling' })
}

/** @param list `0-3,7` */
export function processorMask(list: string): Buffer {
  const mask = Buffer.alloc((LARGEST + 1) / 8)
  for (const range of list.split(',')) {
    const [, first = '', last = first] = /^(\d+)(?:-(\d+))?$/.exec(range.trim()) ?? []
    if (first === '' || Number(last) > LARGEST || Number(first) > Number(last))
      throw new RunError('INVALID_OPTION', `reading processors ${JSON.stringify(list)}: not a list such as 0-3,7`)
    for (let processor = Number(first); processor <= Number(last); processor++)
      mask[processor >> 3] = (mask[processor >> 3] ?? 0) | (1 << (processor & 7))
  }
  return mask
}
