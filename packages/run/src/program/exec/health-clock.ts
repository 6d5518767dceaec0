import { at, type LaunchProgram, shown, slot, struct } from '@gocker/kernel'
import { SIGNAL_SET_SIZE } from '../constants.ts'
import { PollSet } from '../poll-set.ts'
import { DESCRIPTORS, type HealthPlan } from './health-plan.ts'

/** Above zero once the start period is over. */
export const isStarted = slot('is the start period over')
/** struct timespec; ppoll(2) leaves in it what is left. */
export const timeLeft = slot('time left', 16)

const SECOND = 1_000_000_000

/** Puts a time into memory that a call has changed. */
export function setTime(program: LaunchProgram, name: string, nanoseconds: number): void {
  const parts = [Math.floor(nanoseconds / SECOND), nanoseconds % SECOND]
  const units = ['s', 'ns']
  for (const [index, part] of parts.entries())
    program.compare({ name: `${name}: ${part} ${units[index]}`, a: shown(part, `${part}`), b: 0, result: at(timeLeft, 8 * index) })
}

/** Leaves the answer in {@link isStarted}. */
export function seeWhetherStarted({ program, times }: HealthPlan): void {
  if (times.startPeriod === 0) return
  const clock = new PollSet({ 'the start period': DESCRIPTORS.startPeriod })
  program.row({
    name: 'see whether the start period is over',
    call: 'ppoll',
    args: [clock.entries, 1, struct([0, 0]), 0, SIGNAL_SET_SIZE],
    result: isStarted,
  })
}
