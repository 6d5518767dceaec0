import { closeSync } from 'node:fs'
import { socketPair, type WindowSize } from '@gocker/kernel'
import { receiveTerminal, type Terminal } from '../life/terminal.ts'

/** The caller's own terminal, lent to a container whose terminal nobody else is sent. */
export interface LentTerminal {
  size(): WindowSize
  /** Settles when all that the container has shown is written. */
  connect(running: { readonly terminal: Terminal }, options: { readonly input: boolean }): Promise<void>
  restore(): void
}

/** The socket by which a terminal comes to this process. */
export class TerminalSocket {
  readonly #ours: number
  /** What is given to the program. */
  readonly theirs: number
  #open: number[]

  /** @throws {KernelError} */
  constructor() {
    this.#open = socketPair('seqpacket')
    ;[this.#ours, this.theirs] = this.#open as [number, number]
  }

  /**
   * While a command has the terminal.
   * @param work waits for the command's end
   * @throws {RunError} `LAUNCH_FAILED` when the terminal has not come
   */
  async lend<Result>(lent: LentTerminal, work: () => Promise<Result>): Promise<Result> {
    const terminal = receiveTerminal(this.#ours)
    const shown = lent.connect({ terminal }, { input: true })
    try {
      const result = await work()
      terminal.end()
      await shown
      return result
    } finally {
      terminal.output.destroy()
      lent.restore()
    }
  }

  close(): void {
    for (const fd of this.#open.splice(0)) closeSync(fd)
  }
}
