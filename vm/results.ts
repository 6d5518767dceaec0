import { readFileSync, writeFileSync } from 'node:fs'

export interface ResultsOptions {
  /** A file in Markdown with a table of results at its end. */
  readonly page: string
  /** Of the machine. */
  readonly architecture: string
  /** Such as `24 November 2026`. */
  readonly date: string
}

/** How a test file ended. */
interface FileResult {
  readonly passed: number
  readonly skipped: number
  readonly failed: readonly string[]
  readonly seconds: number
}

const HEAD = /^# (Linux|suite|file) ([^ ,]+)/
const COUNT = /^ℹ (pass|skipped|duration_ms) ([\d.]+)$/
const FAILED = /^\s*✖ (.*) \([\d.]+ms\)/

/** Listens to what a machine prints, and keeps how each test file ended as soon as it has, in the place of what was known of it before. */
export class Results {
  readonly #options: ResultsOptions
  /** What was said last of each. */
  readonly #heads = new Map<string, string>()
  readonly #counts = new Map<string, number>()
  readonly #failed = new Set<string>()

  constructor(options: ResultsOptions) {
    this.#options = options
  }

  /** @param line of the tests' `spec` reporter, or of the scripts in `guest` */
  take(line: string): void {
    const [, head, name = ''] = HEAD.exec(line) ?? []
    if (head !== undefined) this.#heads.set(head, name)
    // What has failed is told once more behind the counts.
    if (head === 'file') this.#failed.clear()
    const [, failed] = FAILED.exec(line) ?? []
    if (failed !== undefined) this.#failed.add(failed)
    const [, what, number] = COUNT.exec(line) ?? []
    if (what !== undefined) this.#counts.set(what, Number(number))
    if (what === 'duration_ms') this.#keep()
  }

  #keep(): void {
    const { page, architecture, date } = this.#options
    const { suite, file, Linux } = Object.fromEntries(this.#heads)
    const count = (what: string) => this.#counts.get(what) ?? 0
    const result = { passed: count('pass'), skipped: count('skipped'), failed: [...this.#failed], seconds: count('duration_ms') / 1000 }
    this.#counts.clear()
    const row = [`${suite}, ${architecture}`, `${file}`, outcome(result), `${Math.ceil(result.seconds)} s`, `${date}, Linux ${Linux}`]
    writeFileSync(page, withRow(readFileSync(page, 'utf8'), row))
  }
}

function outcome({ passed, skipped, failed }: FileResult): string {
  const whole = `${passed} of ${passed + failed.length}`
  const over = skipped === 0 ? '' : `, ${skipped} passed over`
  return `${whole}${over}${failed.length === 0 ? '' : `; not: ${failed.join('; ')}`}`
}

/** A page whose last table has a row more, or another one in the place of the row with the same first two cells. */
function withRow(page: string, cells: readonly string[]): string {
  const end = page.trimEnd()
  const begin = end.lastIndexOf('\n| --- ')
  const [ruler = '', ...rows] = end.slice(begin + 1).split('\n')
  const line = `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
  const key = (row: string) => row.split(' | ', 2).join()
  const others = rows.filter((row) => key(row) !== key(line))
  return `${[end.slice(0, begin), ruler, ...[...others, line].sort()].join('\n')}\n`
}
