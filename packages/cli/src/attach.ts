import type { Container, ExitStatus, RunningContainer } from '@gocker/run'
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
async function connectStreams({ stdin, stdout, stderr }: RunningContainer): Promise<void> {
  if (stdin !== undefined) process.stdin.pipe(stdin)
  await Promise.all([copied(stdout, process.stdout), copied(stderr, process.stderr)])
}

/** Hands this process's signals on to a container; one that would end it while there is none yet gives the start up. */
class SignalForwarder {
  readonly #start = new AbortController()
  readonly #forward = (signal: NodeJS.Signals) => this.#receive(signal)
  #running: RunningContainer | undefined
  #asked = 0

  constructor() {
    for (const signal of FORWARDED) process.on(signal, this.#forward)
  }

  get untilItRuns(): AbortSignal {
    return this.#start.signal
  }

  to(running: RunningContainer): void {
    this.#running = running
  }

  stop(): void {
    for (const signal of FORWARDED) process.off(signal, this.#forward)
  }

  #receive(signal: NodeJS.Signals): void {
    const asksToEnd = signal === 'SIGINT' || signal === 'SIGTERM'
    if (asksToEnd) this.#asked++
    if (this.#running !== undefined) this.#running.kill(this.#asked >= PATIENCE ? 'SIGKILL' : signal)
    else if (asksToEnd || signal === 'SIGHUP') this.#start.abort()
  }
}
