import type { Writable } from 'node:stream'
import type { RunningContainer } from '@gocker/run'
import { copied } from './copied.ts'

export interface TerminalSize {
  readonly columns: number
  readonly rows: number
}

/** The user's terminal, lent to a container: keys go to it as they are typed, its size is the terminal's. */
export class RawTerminal {
  #stopResizing = () => {}

  /** A terminal that says nothing of its size is 80 by 24. */
  size(): TerminalSize {
    const { columns, rows } = process.stdout.isTTY ? process.stdout : process.stderr
    return { columns: columns || 80, rows: rows || 24 }
  }

  /** Settles when all that the container has shown has been written on. */
  async connect({ terminal }: Pick<RunningContainer, 'terminal'>, { input }: { input: boolean }): Promise<void> {
    if (terminal === undefined) return
    this.lend({ resize: (size) => terminal.resize(size), ...(input && { input: terminal.input }) })
    await copied(terminal.output, () => process.stdout)
  }

  /** @param to `input` takes the keys, `resize` is told the size whenever it changes */
  lend({ input, resize }: { input?: Writable; resize(size: TerminalSize): void }): void {
    const tell = () => resize(this.size())
    process.stdout.on('resize', tell)
    this.#stopResizing = () => process.stdout.off('resize', tell)
    if (input === undefined) return
    if (process.stdin.isTTY) process.stdin.setRawMode(true)
    process.stdin.pipe(input, { end: false })
  }

  restore(): void {
    this.#stopResizing()
    if (process.stdin.isTTY) process.stdin.setRawMode(false)
    process.stdin.unpipe()
    process.stdin.pause()
  }
}
