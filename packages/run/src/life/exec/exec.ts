import type { Readable, Writable } from 'node:stream'
import { type Launched, processStartTime, signalNumber, type WindowSize } from '@gocker/kernel'
import type { Store } from '@gocker/store'
import { REPORTS } from '../../program/monitor.ts'
import { dateOf, decodeWaitStatus, type ExitStatus } from '../exit-status.ts'
import type { StdioOptions } from '../stdio.ts'
import type { Terminal } from '../terminal.ts'
import type { ExecRequest } from './exec-spec.ts'
import { type LaunchedExec, launchExec } from './launch-exec.ts'
import { holdRunning } from './running.ts'

export interface ExecOptions extends ExecRequest {
  /** `user[:group]`, names or numbers of the container's; the container's own user unless given. */
  readonly user?: string
  /** With every capability; the filter of system calls and the container's limits stay. */
  readonly privileged?: boolean
  /** Where there is no terminal. */
  readonly stdio?: StdioOptions
  /** Of the terminal, at first. */
  readonly windowSize?: WindowSize
  /** Kills the command. */
  readonly signal?: AbortSignal
}

/** How a command ended. */
export type ExecStatus = Omit<ExitStatus, 'oomKilled'>

/** A command that runs in a container beside its first process. */
export interface RunningExec {
  /** As this process counts. */
  readonly pid: number
  readonly stdin?: Writable
  readonly stdout?: Readable
  readonly stderr?: Readable
  readonly terminal?: Terminal
  /**
   * Sends a signal to the command; nothing happens when it has ended.
   * @param signal a name or a number
   * @throws {KernelError} `EINVAL` for what is no signal
   */
  kill(signal: string | number): void
  /** Resolves when it has ended. Its streams then end, too, though processes that it left behind may have them open. */
  readonly exited: Promise<ExecStatus>
}

/**
 * Runs one more command in a running container: with its namespaces, limits, rights and variables, and as its user unless another is
 * asked for. It ends when this process does, however that ends.
 * @throws {RunError} `NOT_RUNNING`, `PAUSED`, `NO_SUCH_USER`, `NOT_FOUND_IN_CONTAINER`, `CANNOT_INVOKE`, `LAUNCH_FAILED`;
 *   {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function execIn(store: Store, idOrName: string, options: ExecOptions): Promise<RunningExec> {
  options.signal?.throwIfAborted()
  const container = await holdRunning(store, idOrName)
  try {
    return follow(await launchExec(store, container, { ...options, parent: process.pid }), options)
  } finally {
    container.release()
  }
}

/**
 * As {@link execIn}, for a command that goes on without this process, with nothing to read and nobody who reads it.
 * @returns the command's pid, as this process counts
 */
export async function execDetached(store: Store, idOrName: string, options: Omit<ExecOptions, 'stdio' | 'signal'>): Promise<number> {
  const container = await holdRunning(store, idOrName)
  try {
    const stdio = { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' } as const
    const { launched, pid } = await launchExec(store, container, { ...options, stdio, parent: undefined })
    launched.release()
    return pid
  } finally {
    container.release()
  }
}

function follow({ launched, pid, streams, endStreams }: LaunchedExec, { signal }: ExecOptions): RunningExec {
  const startTime = processStartTime(pid)
  const kill = (wanted: string | number) => {
    const number = signalNumber(`${wanted}`)
    // Until the monitor has waited for it the number is the command's; afterwards it may be another's.
    if (startTime !== undefined && processStartTime(pid) === startTime) process.kill(pid, number)
  }
  const abort = () => kill('SIGKILL')
  signal?.addEventListener('abort', abort, { once: true })
  if (signal?.aborted) abort()
  const exited = untilExit(launched, new Date()).then((status) => {
    signal?.removeEventListener('abort', abort)
    endStreams()
    return status
  })
  return { pid, ...streams, kill, exited }
}

async function untilExit(launched: Launched, startedAt: Date): Promise<ExecStatus> {
  try {
    const [status = 0n, seconds = 0n, nanoseconds = 0n] = await launched.report(REPORTS.exited)
    await launched.exited
    return { ...decodeWaitStatus(status), startedAt, finishedAt: dateOf(seconds, nanoseconds) }
  } catch {
    // The monitor was killed, and the command with it.
    return { ...decodeWaitStatus(SIGKILLED), startedAt, finishedAt: new Date() }
  }
}

const SIGKILLED = 9n
