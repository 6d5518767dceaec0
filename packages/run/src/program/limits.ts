import { bytes } from '@gocker/kernel'
import type { RuntimeRlimit } from '@gocker/oci'
import { RunError } from '../error.ts'
import { UNLIMITED } from '../options/ulimit.ts'
import type { PlanWith } from './plan.ts'

/** @see include/uapi/asm-generic/resource.h of Linux */
const RESOURCES: Readonly<Record<string, number>> = {
  RLIMIT_CPU: 0,
  RLIMIT_FSIZE: 1,
  RLIMIT_DATA: 2,
  RLIMIT_STACK: 3,
  RLIMIT_CORE: 4,
  RLIMIT_RSS: 5,
  RLIMIT_NPROC: 6,
  RLIMIT_NOFILE: 7,
  RLIMIT_MEMLOCK: 8,
  RLIMIT_AS: 9,
  RLIMIT_LOCKS: 10,
  RLIMIT_SIGPENDING: 11,
  RLIMIT_MSGQUEUE: 12,
  RLIMIT_NICE: 13,
  RLIMIT_RTPRIO: 14,
  RLIMIT_RTTIME: 15,
}

/** While there still is the right to raise them. @see getrlimit(2) */
export function limits({ program, spec }: PlanWith): void {
  for (const { type, soft, hard } of spec.process.rlimits ?? []) {
    const resource = RESOURCES[type]
    if (resource === undefined) throw new RunError('INVALID_OPTION', `limiting ${type}: no such resource`)
    program.row({
      name: `limit ${type} to ${shownLimit(soft)}:${shownLimit(hard)}`,
      call: 'prlimit64',
      args: [0, resource, encodeLimit({ soft, hard }), 0],
      isolates: 'limits of the process',
    })
  }
}

function encodeLimit({ soft, hard }: Pick<RuntimeRlimit, 'soft' | 'hard'>) {
  const limit = Buffer.alloc(16)
  for (const [index, number] of [soft, hard].entries())
    limit.writeBigUInt64LE(number >= UNLIMITED ? 2n ** 64n - 1n : BigInt(number), 8 * index)
  return bytes(limit)
}

function shownLimit(limit: number): string {
  return limit >= UNLIMITED ? 'unlimited' : `${limit}`
}
