/** The last line of a terminal, redrawn as things go on; above it stand the lines that stay. */
export interface LiveLine {
  /** Draws the line, cut to the terminal's width. */
  show(text: string): void
  /** Writes a line that stays. */
  note(line: string): void
  /** Takes the line away. */
  hide(): void
}

/** A live line on stderr, with a spinner before it. */
export async function openLiveLine(): Promise<LiveLine> {
  const { default: ora } = await import('ora')
  const color = (process.env.NO_COLOR ?? '') === '' ? 'cyan' : false
  const spinner = ora({ stream: process.stderr, discardStdin: false, color })
  return {
    show: (text) => {
      spinner.text = fitted(text, lineWidth())
      if (!spinner.isSpinning) spinner.start()
    },
    note: (line) => {
      spinner.clear()
      process.stderr.write(`${line}\n`)
    },
    hide: () => void spinner.stop(),
  }
}

/** Columns of a line's text: the spinner and the blank after it are not the text's, and `^C` has room behind it. */
export function lineWidth(): number {
  return (process.stderr.columns || 80) - 5
}

/** A text in one line of at most `width` characters, with a mark where some of it had to go. */
export function fitted(text: string, width: number): string {
  const flat = text.replace(/\s+/g, ' ')
  return flat.length > width ? `${flat.slice(0, Math.max(0, width - 1))}…` : flat
}
