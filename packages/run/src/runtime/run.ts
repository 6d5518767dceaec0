import { ChildProcess, signalNumber } from '@gocker/kernel'
import { createInRuntime, type RuntimeCreateOptions } from './create.ts'
import { deleteInRuntime } from './delete.ts'
import { type ForwardedSignals, forwardSignals } from './forward-signals.ts'
import { placeOf, type RuntimeHome } from './home.ts'
import { type LentTerminal, TerminalSocket } from './lent-terminal.ts'
import { startInRuntime } from './start.ts'
import { readConfig } from './state.ts'

export interface RuntimeRunOptions extends RuntimeCreateOptions {
  /** Does not wait for its end. */
  readonly detach?: boolean
  /** Does not delete it when it has ended. */
  readonly keep?: boolean
  /** For a container with a terminal that is waited for, where no `consoleSocket` is named. */
  readonly terminal?: LentTerminal
}

/**
 * Creates a container and starts it, and waits for its end; signals that this process gets are handed on to it.
 * @returns its exit code, 128 and the signal's number for a signal; 0 where it is not waited for
 * @throws as {@link createInRuntime} and {@link startInRuntime}
 */
export async function runInRuntime(home: RuntimeHome, options: RuntimeRunOptions): Promise<number> {
  const { terminal, detach = false, consoleSocket } = options
  if (terminal === undefined || detach || consoleSocket !== undefined) return await runWith(home, options, exitCodeOf)
  const socket = new TerminalSocket()
  try {
    const asked = { ...options, consoleSocket: socket.theirs, windowSize: terminal.size() }
    return await runWith(home, asked, async (child) => {
      const has = readConfig(placeOf(home, options.id)).process.terminal === true
      return has ? await socket.lend(terminal, () => exitCodeOf(child)) : await exitCodeOf(child)
    })
  } finally {
    socket.close()
  }
}

type Wait = (child: ChildProcess) => Promise<number>

async function runWith(home: RuntimeHome, options: RuntimeRunOptions, wait: Wait): Promise<number> {
  const { id, detach = false, keep = false } = options
  const pid = await createInRuntime(home, options)
  const child = new ChildProcess(pid)
  let forwarded: ForwardedSignals | undefined
  try {
    if (!detach) forwarded = forwardSignals(child)
    await startInRuntime(home, id)
    if (detach) return 0
    return await wait(child)
  } catch (error) {
    await deleteInRuntime(home, id, { force: true })
    throw error
  } finally {
    forwarded?.stop()
    if (!detach && !keep) await deleteInRuntime(home, id, { force: true })
  }
}

/** Keeps this process waiting: a child by itself does not. */
export async function exitCodeOf(child: ChildProcess): Promise<number> {
  const keepWaiting = setInterval(() => child.look(), 1000)
  try {
    const { code, signal } = await child.exited
    return code ?? 128 + signalNumber(signal ?? 'SIGKILL')
  } finally {
    clearInterval(keepWaiting)
  }
}
