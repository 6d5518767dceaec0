import type { Container, ExitStatus, RunningContainer } from '@gocker/run'
import { SignalForwarder } from './signal-forwarder.ts'
import { copied } from './terminal/copied.ts'
import { RawTerminal } from './terminal/raw-terminal.ts'

export interface AttachOptions {
  readonly keepsStdin: boolean
  readonly hasTerminal: boolean
  /** The container goes when its process has ended. */
  readonly remove: boolean
}

/**
 * Starts a container with this process's stdin, stdout and stderr, and waits for its end.
 * @returns its exit code, 128+n for a signal
 */
export async function attach(container: Container, { keepsStdin, hasTerminal, remove }: AttachOptions): Promise<number> {
  const terminal = hasTerminal ? new RawTerminal() : undefined
  const forwarder = new SignalForwarder()
  let ended: ExitStatus | undefined
  try {
    const running = await container.start({
      ...(terminal === undefined ? { stdio: { stdin: keepsStdin ? 'pipe' : 'ignore' } } : { windowSize: terminal.size() }),
      signal: forwarder.untilItRuns,
    })
    forwarder.to(running)
    const shown = terminal === undefined ? connectStreams(running) : terminal.connect(running, { input: keepsStdin })
    ended = await running.exited
    await shown
  } finally {
    forwarder.stop()
    terminal?.restore()
    if (keepsStdin) process.stdin.destroy()
    // One that has run is gone by itself.
    if (remove && ended === undefined) await container.remove()
  }
  if (ended.oomKilled) process.stderr.write('gocker: the container used up its memory: the kernel killed a process of it\n')
  return ended.code
}

/** Settles when all that the container has written has been written on. */
export async function connectStreams({ stdin, stdout, stderr }: Pick<RunningContainer, 'stdin' | 'stdout' | 'stderr'>): Promise<void> {
  if (stdin !== undefined) process.stdin.pipe(stdin)
  await Promise.all([copied(stdout, () => process.stdout), copied(stderr, () => process.stderr)])
}
