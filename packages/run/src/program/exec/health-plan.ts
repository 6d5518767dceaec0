import { at, type LaunchProgram, type Slot, type Struct, slot, struct, value } from '@gocker/kernel'
import { O_CLOEXEC } from '../constants.ts'
import { OUTPUT_BASE } from './health-layout.ts'
import type { JoinPlan } from './join.ts'

/** When and how often a container is checked. */
export interface HealthTimes {
  /** Nanoseconds. */
  readonly interval: number
  readonly timeout: number
  readonly startPeriod: number
  readonly startInterval: number
  /** So many checks in a row have to fail. */
  readonly retries: number
}

export interface HealthPlan extends JoinPlan {
  readonly times: HealthTimes
  readonly memory: HealthMemory
}

/** The descriptor of the file that the results go to. */
export const RESULTS_DESCRIPTOR = 'results'

/** Where what is open all the time is kept; below is room for what a check opens. */
export const DESCRIPTORS = { signals: 21, startPeriod: 22, output: 23, tie: 24 } as const
/** stdout of the checking process, which nobody reads. */
export const NOTHING = 1

/** What is remembered from one check to the next. */
export interface HealthMemory {
  readonly number: Slot
  readonly streak: Slot
  readonly state: Slot
  /** In the file. */
  readonly recordOffset: Slot
  readonly outputBegin: Struct
  readonly outputOffset: Struct
}

export function healthMemory(): HealthMemory {
  return {
    number: slot('number of the check'),
    streak: slot('failures in a row'),
    state: slot('health'),
    recordOffset: slot('place of the record'),
    outputBegin: struct([OUTPUT_BASE], 'where the output begins'),
    outputOffset: struct([OUTPUT_BASE], 'where the output goes on'),
  }
}

/** Of one check. */
export const pipe = slot('pipe of the output', 16)
export const pipeRead = at(pipe, 0)
export const pipeWrite = at(pipe, 4)
export const began = slot('begin of the check', 16)
export const status = slot('wait status')

/** Its first number is for what each check opens. */
export function keep(program: LaunchProgram, descriptor: Parameters<typeof value>[0], number: number): void {
  program.row({ name: 'keep it where it is known', call: 'dup3', args: [value(descriptor), number, O_CLOEXEC] })
  program.row({ name: 'close the other copy', call: 'close', args: [value(descriptor)] })
}
