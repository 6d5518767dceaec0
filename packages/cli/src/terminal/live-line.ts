import type { Ora } from 'ora'

/** Writes a line that stays, and leaves the live line below it to be drawn again. */
export function writeAbove(spinner: Ora, line: string): void {
  spinner.clear()
  process.stderr.write(`${line}\n`)
}
