import type { Container, RunningContainer } from '@gocker/run'
import { copied } from './terminal/copied.ts'
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
    const running = await container.start(
      terminal === undefined ? { stdio: { stdin: keepsStdin ? 'pipe' : 'ignore' } } : { windowSize: terminal.size() },
    )
    const stopForwarding = forwardSignals(running)
    try {
      const shown = terminal === undefined ? connectStreams(running) : terminal.connect(running, { input: keepsStdin })
      const { code } = await running.exited
      await shown
      return code
    } finally {
      stopForwarding()
    }
  } finally {
    terminal?.restore()
    if (keepsStdin) process.stdin.destroy()
    if (remove) await container.remove()
  }
}

/** Settles when all that the container has written has been written on. */
async function connectStreams({ stdin, stdout, stderr }: RunningContainer): Promise<void> {
  if (stdin !== undefined) process.stdin.pipe(stdin)
  await Promise.all([copied(stdout, process.stdout), copied(stderr, process.stderr)])
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
