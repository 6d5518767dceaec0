import { unquoted } from './words.ts'

/**
 * Lines that stand below an instruction and belong to it.
 * @see https://docs.docker.com/reference/dockerfile/#here-documents
 */
export interface Heredoc {
  /** The line that ends it. */
  readonly name: string
  /** File descriptor before `<<`, if any. */
  readonly descriptor?: number
  /** `<<-`: tabs before each line are dropped. */
  readonly chomp: boolean
  /** Variables are expanded (in COPY and ADD); not when the name is quoted. */
  readonly expand: boolean
  readonly content: string
}

/** A word and no more: what a command has behind its heredoc makes a command of it. */
const OPENING = /^(\d*)<<(-?)\s*((?:'[^'<]*'|"(?:\\[^<]|[^"<\\])*"|\\[^<]|[^\s'"<\\])*)\s*$/
const TAKES_HEREDOCS = /^(?:ONBUILD\s+)?(?:RUN|COPY|ADD)\s/i
/** The words of a command as a shell has them; `<<` holds on to the word behind it. A quote that is not closed matches nowhere. */
const SHELL_WORD = /(?:<<[ \t]+|'[^']*'|"(?:\\[\s\S]|[^"\\])*"|\\[\s\S]|[^\s'"\\])+/g

/** The heredocs that a joined line opens, in their order. Their quoting is the shell's, whatever the file's escape character is. */
export function heredocsOf(text: string): Omit<Heredoc, 'content'>[] {
  if (!TAKES_HEREDOCS.test(text) || !text.includes('<<')) return []
  return (text.match(SHELL_WORD) ?? []).flatMap((word) => heredocOpening(word) ?? [])
}

/** Reads one word such as `<<EOF`, `<<-"EOF"` or `3<<EOF`; `undefined` when it opens no heredoc. */
export function heredocOpening(word: string): Omit<Heredoc, 'content'> | undefined {
  const [, descriptor = '', dash, written = ''] = OPENING.exec(word) ?? []
  const name = unquoted(written)
  if (name === '') return undefined
  return {
    name,
    ...(descriptor !== '' && { descriptor: Number(descriptor) }),
    chomp: dash === '-',
    expand: !/["']/.test(written),
  }
}
