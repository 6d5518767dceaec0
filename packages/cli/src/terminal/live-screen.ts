const HIDE_CURSOR = '\x1b[?25l'
const SHOW_CURSOR = '\x1b[?25h'
const REST_OF_LINE = '\x1b[K'
const REST_OF_SCREEN = '\x1b[J'

/** Lines on a terminal that are drawn again in their own place; what stood above them stays. */
export class LiveScreen {
  readonly #stream: NodeJS.WriteStream
  #drawn = 0

  constructor(stream: NodeJS.WriteStream = process.stdout) {
    this.#stream = stream
    stream.write(HIDE_CURSOR)
  }

  draw(lines: readonly string[]): void {
    // One row is the cursor's.
    const shown = lines.slice(0, Math.max(1, (this.#stream.rows || 24) - 1))
    const back = this.#drawn > 0 ? `\x1b[${this.#drawn}A` : ''
    this.#stream.write(`${back}\r${shown.map((line) => `${line}${REST_OF_LINE}\n`).join('')}${REST_OF_SCREEN}`)
    this.#drawn = shown.length
  }

  /** Takes away the ^C that the terminal shows when it is pressed. */
  close(): void {
    this.#stream.write(`\r${REST_OF_LINE}${SHOW_CURSOR}`)
  }
}
