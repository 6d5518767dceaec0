import { slot } from '@gocker/kernel'
import type { PlanWith } from '../../program/plan.ts'

/** Until gocker has written a byte into a pipe; its end is the program's. @param gate the read end */
export function waitAtGate(program: PlanWith['program'], gate: number, name: string): void {
  program.row({ name, call: 'read', args: [gate, slot('nothing'), 1], onZero: 'end', isolates: 'what gocker does meanwhile' })
}
