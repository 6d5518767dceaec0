import { signalName } from '@gocker/kernel'

/** How a container ended. */
export interface ExitStatus {
  /** The command's own, and 128 and the signal's number where one ended it. */
  readonly code: number
  readonly signal?: string
  /** Whether the kernel killed a process of it for want of memory. */
  readonly oomKilled: boolean
  readonly startedAt: Date
  readonly finishedAt: Date
}

/** @see wait(2), WEXITSTATUS and WTERMSIG */
export function decodeWaitStatus(status: bigint): { code: number; signal?: string } {
  const number = Number(status & 0x7fn)
  if (number === 0) return { code: Number((status >> 8n) & 0xffn) }
  const signal = signalName(number)
  return { code: 128 + number, ...(signal !== undefined && { signal }) }
}

/** Of the time that a program reports. */
export function dateOf(seconds: bigint, nanoseconds: bigint): Date {
  return new Date(Number(seconds) * 1000 + Math.floor(Number(nanoseconds) / 1e6))
}
