import { bytes, shown } from '@gocker/kernel'
import type { RuntimeIoPriority, RuntimeScheduler } from '@gocker/oci'
import { RunError } from '../error.ts'
import type { PlanWith } from './plan.ts'

/** @see include/uapi/linux/sched.h of Linux */
const POLICIES: Readonly<Record<string, number>> = {
  SCHED_OTHER: 0,
  SCHED_FIFO: 1,
  SCHED_RR: 2,
  SCHED_BATCH: 3,
  SCHED_ISO: 4,
  SCHED_IDLE: 5,
  SCHED_DEADLINE: 6,
}

const FLAGS: Readonly<Record<string, number>> = {
  SCHED_FLAG_RESET_ON_FORK: 0x01,
  SCHED_FLAG_RECLAIM: 0x02,
  SCHED_FLAG_DL_OVERRUN: 0x04,
  SCHED_FLAG_KEEP_POLICY: 0x08,
  SCHED_FLAG_KEEP_PARAMS: 0x10,
  SCHED_FLAG_UTIL_CLAMP_MIN: 0x20,
  SCHED_FLAG_UTIL_CLAMP_MAX: 0x40,
}

/** @see include/uapi/linux/ioprio.h of Linux */
const CLASSES: Readonly<Record<string, number>> = { IOPRIO_CLASS_RT: 1, IOPRIO_CLASS_BE: 2, IOPRIO_CLASS_IDLE: 3 }
const CLASS_SHIFT = 13
const HIGHEST_IO_PRIORITY = 7
const WHO_PROCESS = shown(1, 'IOPRIO_WHO_PROCESS')

/** struct sched_attr, as it was first. */
const ATTRIBUTES_SIZE = 48

/**
 * When the process gets a processor and when a disk, while there still is the right to say so.
 * @throws {RunError} `INVALID_OPTION` for a policy, a flag or a class that there is not
 */
export function scheduling({ program, spec }: PlanWith): void {
  const { scheduler, ioPriority } = spec.process
  if (scheduler !== undefined) {
    const name = `schedule it as ${scheduler.policy}`
    program.row({ name, call: 'sched_setattr', args: [0, bytes(encodeScheduler(scheduler)), 0], isolates: 'scheduling' })
  }
  if (ioPriority === undefined) return
  const name = `give its input and output class ${ioPriority.class}, priority ${ioPriority.priority}`
  program.row({ name, call: 'ioprio_set', args: [WHO_PROCESS, 0, encodeIoPriority(ioPriority)], isolates: 'scheduling' })
}

/** @see sched_setattr(2) */
export function encodeScheduler(scheduler: RuntimeScheduler): Buffer {
  const { policy, flags = [], nice = 0, priority = 0, runtime = 0, deadline = 0, period = 0 } = scheduler
  const attributes = Buffer.alloc(ATTRIBUTES_SIZE)
  attributes.writeUInt32LE(ATTRIBUTES_SIZE, 0)
  attributes.writeUInt32LE(numberOf(policy, POLICIES, 'scheduling policy'), 4)
  const bits = flags.reduce((all, flag) => all | numberOf(flag, FLAGS, 'scheduling flag'), 0)
  attributes.writeBigUInt64LE(BigInt(bits), 8)
  attributes.writeInt32LE(nice, 16)
  attributes.writeUInt32LE(priority, 20)
  for (const [index, nanoseconds] of [runtime, deadline, period].entries()) attributes.writeBigUInt64LE(BigInt(nanoseconds), 24 + 8 * index)
  return attributes
}

/** @see ioprio_set(2) */
export function encodeIoPriority({ class: name, priority }: RuntimeIoPriority): number {
  if (priority < 0 || priority > HIGHEST_IO_PRIORITY)
    throw new RunError('INVALID_OPTION', `setting io priority ${priority}: not 0 to ${HIGHEST_IO_PRIORITY}`)
  return (numberOf(name, CLASSES, 'io priority class') << CLASS_SHIFT) | priority
}

function numberOf(name: string, numbers: Readonly<Record<string, number>>, what: string): number {
  const number = Object.hasOwn(numbers, name) ? numbers[name] : undefined
  if (number !== undefined) return number
  throw new RunError('INVALID_OPTION', `choosing ${what} ${JSON.stringify(name)}: there is ${Object.keys(numbers).join(', ')}`)
}
