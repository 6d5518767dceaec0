import { processStartTime, type WindowSize } from '@gocker/kernel'
import { randomHex, type Store } from '@gocker/store'
import { containerEvent } from '../container-event.ts'
import type { ExitStatus } from '../exit-status.ts'
import { killerOf, onAbort, untilExit } from '../followed-process.ts'
import type { RunningCommand } from '../running-command.ts'
import type { StdioOptions } from '../stdio.ts'

import type { ExecRequest } from './exec-spec.ts'
import { type LaunchedExec, launchExec } from './launch-exec.ts'
import { type HeldContainer, holdRunning } from './running.ts'

export interface ExecOptions extends ExecRequest {
  /** `user[:group]`, names or numbers of the container's; the container's own user unless given. */
  readonly user?: string
  /** With every capability; the filter of system calls and the container's limits stay. */
  readonly privileged?: boolean
  /** Where there is no terminal. */
  readonly stdio?: StdioOptions
  /** Of the terminal, at first. */
  readonly windowSize?: WindowSize
  /** Gives up the start, or kills the command. */
  readonly signal?: AbortSignal
}

/** How a command ended. */
export type ExecStatus = Omit<ExitStatus, 'oomKilled'>

/** A command that runs in a container beside its first process. */
export interface RunningExec extends RunningCommand {
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
    const launched = await launchExec(store, container, { ...options, parent: process.pid })
    return follow(launched, { signal: options.signal, tell: tellerOf(store, container) })
  } finally {
    container.release()
  }
}

/**
 * As {@link execIn}, for a command that goes on without this process, with nothing to read and nobody who reads it. How it ends is told by
 * no event.
 * @returns the command's pid, as this process counts
 */
export async function execDetached(store: Store, idOrName: string, options: Omit<ExecOptions, 'stdio' | 'signal'>): Promise<number> {
  const container = await holdRunning(store, idOrName)
  try {
    const stdio = { stdin: 'ignore', stdout: 'ignore', stderr: 'ignore' } as const
    const { launched, pid } = await launchExec(store, container, { ...options, stdio, parent: undefined })
    launched.release()
    await tellBegin(tellerOf(store, container))
    return pid
  } finally {
    container.release()
  }
}

interface Circumstances {
  readonly signal: AbortSignal | undefined
  readonly tell: Teller
}

function follow({ launched, pid, streams, endStreams }: LaunchedExec, { signal, tell }: Circumstances): RunningExec {
  const kill = killerOf(pid, processStartTime(pid))
  const stopListening = onAbort(signal, () => kill('SIGKILL'))
  const told = tellBegin(tell)
  const exited = untilExit(launched, new Date()).then(async (status) => {
    stopListening()
    endStreams()
    await told
    await tell('exec_die', { exitCode: `${status.code}` })
    return status
  })
  return { pid, ...streams, kill, exited }
}

type Teller = (action: string, attributes?: Readonly<Record<string, string>>) => Promise<void>

/** What is told of one command carries one number. */
function tellerOf(store: Store, { record }: HeldContainer): Teller {
  const execID = randomHex(32)
  return (action, more = {}) => containerEvent(store, record, action, { execID, ...more })
}

async function tellBegin(tell: Teller): Promise<void> {
  await tell('exec_create')
  await tell('exec_start')
}
