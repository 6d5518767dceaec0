import { BuildError } from '../error.ts'
import { type Directives, readDirectives } from './directives.ts'
import { type Heredoc, heredocsOf } from './heredocs.ts'
import type { Location } from './location.ts'

/** One instruction as it is written: its lines joined, its heredocs beside it. */
export interface LogicalLine {
  readonly at: Location
  /** Where the last of its physical lines is, heredocs included. */
  readonly endLine: number
  /** Joined, without comments, the instruction's word first. */
  readonly text: string
  readonly heredocs: readonly Heredoc[]
  /** The physical lines, for messages. */
  readonly original: string
}

export interface GockerfileText {
  readonly directives: Directives
  readonly lines: readonly LogicalLine[]
  /** Lines that were empty inside a joined instruction: allowed, and warned of. */
  readonly emptyContinuations: readonly Location[]
}

/**
 * Splits a Gockerfile's text into instructions: joins continued lines, drops comments and takes heredocs out.
 * @throws {BuildError} `SYNTAX`
 * @see https://docs.docker.com/reference/dockerfile/#format
 */
export function readLines(text: string, file: string): GockerfileText {
  const physical = text.replace(/^\uFEFF/, '').split('\n')
  const directives = readDirectives(physical, file)
  const reader = new LineReader(physical, file, directives.escape)
  const lines: LogicalLine[] = []
  for (let line = reader.next(); line !== undefined; line = reader.next()) lines.push(line)
  return { directives, lines, emptyContinuations: reader.emptyContinuations }
}

class LineReader {
  readonly emptyContinuations: Location[] = []
  readonly #physical: readonly string[]
  readonly #file: string
  readonly #continued: RegExp
  #position = 0

  constructor(physical: readonly string[], file: string, escape: Directives['escape']) {
    this.#physical = physical
    this.#file = file
    const character = escape === '\\' ? '\\\\' : '`'
    // Two of them at the end are one that means itself, and join nothing.
    this.#continued = new RegExp(`(?<!${character})${character}[ \\t]*$`)
  }

  next(): LogicalLine | undefined {
    for (;;) {
      this.#skip()
      if (this.#position >= this.#physical.length) return undefined
      const start = this.#position
      const first = this.#line(start)
      const at = { file: this.#file, line: start + 1, column: first.length - first.trimStart().length + 1 }
      const text = this.#join()
      if (text === '') continue
      const heredocs = heredocsOf(text).map((opening) => this.#body(opening, at))
      return { at, endLine: this.#position, text, heredocs, original: this.#physical.slice(start, this.#position).join('\n') }
    }
  }

  #line(index: number): string {
    return (this.#physical[index] ?? '').replace(/\r+$/, '')
  }

  #skip(): void {
    while (this.#position < this.#physical.length && isCommentOrBlank(this.#line(this.#position))) this.#position++
  }

  /** Reads on while a line ends with the escape character; comments and blank lines between are passed over. */
  #join(): string {
    let joined = ''
    for (let isFirst = true; this.#position < this.#physical.length; isFirst = false) {
      const line = this.#line(this.#position++)
      if (!isFirst && isCommentOrBlank(line)) {
        const isLast = this.#position >= this.#physical.length
        if (line.trim() === '' && !isLast) this.emptyContinuations.push({ file: this.#file, line: this.#position, column: 1 })
        continue
      }
      joined += line.replace(this.#continued, '')
      if (!this.#continued.test(line)) break
    }
    return joined.trim()
  }

  /** A heredoc's lines are taken as they are: nothing in them is a comment or joins lines. */
  #body(opening: Omit<Heredoc, 'content'>, at: Location): Heredoc {
    const content: string[] = []
    while (this.#position < this.#physical.length) {
      const raw = this.#physical[this.#position++] ?? ''
      const line = opening.chomp ? raw.replace(/^\t+/, '') : raw
      if (line.replace(/\r+$/, '') === opening.name) return { ...opening, content: content.map((text) => `${text}\n`).join('') }
      content.push(line)
    }
    throw new BuildError('SYNTAX', `heredoc <<${opening.name}: the file ends before a line that is ${opening.name} alone`, { at })
  }
}

function isCommentOrBlank(line: string): boolean {
  return /^\s*(?:#|$)/.test(line)
}
