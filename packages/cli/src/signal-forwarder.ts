/** Whoever takes signals: a container, or a command in one. */
export interface SignalReceiver {
  kill(signal: string): void
}

/** Passed on; the terminal's own (SIGINT, SIGQUIT, SIGTSTP by key) reach the command as characters when it has a terminal. */
const FORWARDED: readonly NodeJS.Signals[] = ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM', 'SIGUSR1', 'SIGUSR2', 'SIGCONT', 'SIGALRM']
/** So many SIGINT or SIGTERM in a row end what does not heed them. */
const PATIENCE = 3

/** Hands this process's signals on; one that would end it while there is nobody to take them gives the start up. */
export class SignalForwarder {
  readonly #start = new AbortController()
  readonly #forward = (signal: NodeJS.Signals) => this.#receive(signal)
  #running: SignalReceiver | undefined
  #asked = 0

  constructor() {
    for (const signal of FORWARDED) process.on(signal, this.#forward)
  }

  get untilItRuns(): AbortSignal {
    return this.#start.signal
  }

  to(running: SignalReceiver): void {
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
