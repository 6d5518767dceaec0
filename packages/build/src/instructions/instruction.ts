import { BuildError } from '../error.ts'
import { FlagReader } from '../language/flag-reader.ts'
import { takeFlags } from '../language/flags.ts'
import type { Heredoc } from '../language/heredocs.ts'
import type { LogicalLine } from '../language/lines.ts'
import type { Location } from '../language/location.ts'

/** What every instruction knows of itself. */
export interface Written {
  readonly at: Location
  /** The instruction as one line, its word in upper case: for the history and for messages. */
  readonly source: string
}

/** One instruction's text taken apart as far as all instructions have it in common. */
export interface InstructionText {
  readonly keyword: string
  readonly flags: FlagReader
  /** What stands behind the word and the flags. */
  readonly rest: string
  readonly heredocs: readonly Heredoc[]
  readonly escape: string
  readonly written: Written
}

/** One instruction of the language: its word, and how its text becomes data. */
export interface InstructionKind<T> {
  readonly keyword: string
  /** @throws {BuildError} `SYNTAX` */
  parse(text: InstructionText): T
}

/** Splits a line into word, flags and rest. */
export function instructionText(line: LogicalLine, escape: string): InstructionText {
  const [, word = '', behind = ''] = /^(\S+)\s*([\s\S]*)$/.exec(line.text) ?? []
  const keyword = word.toUpperCase()
  const { flags, rest } = takeFlags(behind, escape)
  return {
    keyword,
    flags: new FlagReader(flags, { keyword, at: line.at }),
    rest,
    heredocs: line.heredocs,
    escape,
    written: { at: line.at, source: `${keyword}${behind === '' ? '' : ` ${behind}`}` },
  }
}

/** @throws {BuildError} `SYNTAX`, always */
export function refuse(text: InstructionText, why: string, hint?: string): never {
  throw new BuildError('SYNTAX', `${text.keyword}: ${why}`, { at: text.written.at, hint })
}
