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
    const resize = () => terminal.resize(this.size())
    process.stdout.on('resize', resize)
    this.#stopResizing = () => process.stdout.off('resize', resize)
    if (input) {
      if (process.stdin.isTTY) process.stdin.setRawMode(true)
      process.stdin.pipe(terminal.input, { end: false })
    }
    await copied(terminal.output, process.stdout)
  }

  restore(): void {
    this.#stopResizing()
    if (process.stdin.isTTY) process.stdin.setRawMode(false)
    process.stdin.unpipe()
    process.stdin.pause()
  }
}
