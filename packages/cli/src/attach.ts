import type { Container, RunningContainer } from '@gocker/run'
import { RawTerminal } from './terminal/raw-terminal.ts'

export interface AttachOptions {
  readonly keepsStdin: boolean
  readonly hasTerminal: boolean
  /** The container goes when its process has ended. */
  readonly remove: boolean
}

/** Passed on to the container; the terminal's own (SIGINT, SIGQUIT, SIGTSTP by key) reach it as characters when it has a terminal. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGALRM']
/** So many SIGINT or SIGTERM in a row end a container that does not heed them. */
const PATIENCE = 3

/**
 * Starts a container with this process's stdin, stdout and stderr, and waits for its end.
 * @returns its exit code, 128+n for a signal
 */
export async function attach(container: Container, { keepsStdin, hasTerminal, remove }: AttachOptions): Promise<number> {
  const terminal = hasTerminal ? new RawTerminal() : undefined
  try {
    const running = await container.start({ ...(terminal !== undefined && { size: terminal.size() }) })
    const stopForwarding = forwardSignals(running)
    try {
      if (terminal !== undefined) terminal.connect(running, { input: keepsStdin })
      else connectStreams(running, keepsStdin)
      const { code } = await running.exited
      await flushed()
      return code
    } finally {
      stopForwarding()
    }
  } finally {
    terminal?.restore()
    process.stdin.unref?.()
    if (remove) await container.remove()
  }
}

function connectStreams(running: RunningContainer, keepsStdin: boolean): void {
  running.stdout?.pipe(process.stdout, { end: false })
  running.stderr?.pipe(process.stderr, { end: false })
  if (keepsStdin && running.stdin !== undefined) {
    // The container may end, or close its stdin, before ours does.
    running.stdin.on('error', () => process.stdin.unpipe())
    process.stdin.pipe(running.stdin)
  }
}

function forwardSignals(running: RunningContainer): () => void {
  let asked = 0
  const forward = (signal: NodeJS.Signals) => {
    if (signal === 'SIGINT' || signal === 'SIGTERM') asked++
    running.kill(asked >= PATIENCE ? 'SIGKILL' : signal)
  }
  for (const signal of FORWARDED) process.on(signal, forward)
  return () => {
    for (const signal of FORWARDED) process.off(signal, forward)
  }
}

/** Waits until what was written to stdout and stderr has left, so that ending the process loses nothing. */
async function flushed(): Promise<void> {
  await Promise.all([process.stdout, process.stderr].map((stream) => new Promise<void>((resolve) => stream.write('', () => resolve()))))
}
