import { type Launched, processStartTime, signalNumber } from '@gocker/kernel'
import { REPORTS } from '../program/monitor.ts'
import { dateOf, decodeWaitStatus, type ExitStatus } from './exit-status.ts'

/**
 * Sends signals to a process, and to no later one of its number.
 * @param startTime undefined: it has ended
 * @returns takes a signal's name or number; throws {@link KernelError} `EINVAL` for what is none
 */
export function killerOf(pid: number, startTime: number | undefined): (signal: string | number) => void {
  return (signal) => {
    const number = signalNumber(`${signal}`)
    // Until the monitor has waited for it the number is the process's; afterwards it may be another's.
    if (startTime !== undefined && processStartTime(pid) === startTime) process.kill(pid, number)
  }
}

/** Calls `kill` when the signal is aborted, or is so already. @returns stops listening */
export function onAbort(signal: AbortSignal | undefined, kill: () => void): () => void {
  signal?.addEventListener('abort', kill, { once: true })
  if (signal?.aborted) kill()
  return () => signal?.removeEventListener('abort', kill)
}

/** How the process ended that a monitor tells of. */
export async function untilExit(launched: Launched, startedAt: Date): Promise<Omit<ExitStatus, 'oomKilled'>> {
  try {
    const [status = 0n, seconds = 0n, nanoseconds = 0n] = await launched.report(REPORTS.exited)
    await launched.exited
    return { ...decodeWaitStatus(status), startedAt, finishedAt: dateOf(seconds, nanoseconds) }
  } catch {
    // The monitor was killed, and the process with it.
    return { ...decodeWaitStatus(SIGKILLED), startedAt, finishedAt: new Date() }
  }
}

const SIGKILLED = 9n
