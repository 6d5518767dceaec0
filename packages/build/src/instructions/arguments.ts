import { splitBlanks, splitWords } from '../language/words.ts'
import { type InstructionText, refuse } from './instruction.ts'

/** A command as it is written: a list, or a text for the shell. */
export type CommandForm = { readonly form: 'exec'; readonly words: readonly string[] } | { readonly form: 'shell'; readonly line: string }

/** `["a", "b"]` is the exec form, everything else the shell form. */
export function commandForm(text: InstructionText): CommandForm {
  const words = jsonTexts(text)
  if (words !== undefined) return { form: 'exec', words }
  return text.rest === '' ? refuse(text, 'needs a command') : { form: 'shell', line: text.rest }
}

/** A JSON list of texts, or words between blanks, quoted ones too. */
export function jsonOrWords(text: InstructionText): readonly string[] {
  return jsonTexts(text) ?? splitBlanks(text.rest)
}

/**
 * The JSON list that the rest is; `undefined` when it is no JSON list.
 * @throws {BuildError} `SYNTAX` when it is one, and not of texts alone
 */
export function jsonTexts(text: InstructionText): readonly string[] | undefined {
  if (!text.rest.startsWith('[')) return undefined
  let value: unknown
  try {
    value = JSON.parse(text.rest)
  } catch {
    return undefined
  }
  if (!Array.isArray(value)) return undefined
  if (value.every((item) => typeof item === 'string')) return value
  return refuse(text, 'a JSON list must be of texts alone')
}

export interface Pair {
  readonly name: string
  /** Quotes, escapes and variables are still in it. */
  readonly value: string
}

/** `name=value ...`, or the old `name value`. */
export function pairs(text: InstructionText): readonly Pair[] {
  const words = splitWords(text.rest, text.escape)
  if (words.length === 0) refuse(text, 'needs at least one name=value')
  if (words[0]?.includes('=') === true) return words.map((word) => pairOf(text, word))
  const [, name = '', value] = /^(\S+)\s+([\s\S]+)$/.exec(text.rest) ?? []
  return value === undefined ? refuse(text, 'needs a name and a value', `write ${text.keyword} ${text.rest}=...`) : [{ name, value }]
}

function pairOf(text: InstructionText, word: string): Pair {
  const equals = word.indexOf('=')
  if (equals < 0) refuse(text, `${JSON.stringify(word)} has no =`, 'quote a value that has blanks in it')
  if (equals === 0) refuse(text, 'a name must not be empty')
  return { name: word.slice(0, equals), value: word.slice(equals + 1) }
}

/** The one argument that the instruction takes, blanks and all. */
export function oneArgument(text: InstructionText): string {
  return text.rest === '' ? refuse(text, 'needs one argument') : text.rest
}

/** @throws {BuildError} `SYNTAX` when there is none */
export function atLeastOne(text: InstructionText, words: readonly string[]): readonly string[] {
  return words.length === 0 ? refuse(text, 'needs at least one argument') : words
}
