import { BuildError } from '../error.ts'
import { type Bounds, replaceMatches, trimPrefix, trimSuffix } from './patterns.ts'

/** What a variable is; `undefined` when it is not set. */
export type Lookup = (name: string) => string | undefined

export interface ExpansionOptions {
  readonly lookup: Lookup
  readonly escape: string
  /** `keep`: quotes mean nothing and stay, and the backslash is what escapes: so it is in the files that COPY writes of heredocs. */
  readonly quotes?: 'remove' | 'keep'
  /** Told of each variable that is read and not set. */
  readonly onUnset?: (name: string) => void
}

/**
 * Replaces `$name`, `${name}` and the forms with a modifier, and removes quotes and escapes, as the Dockerfile's language does.
 * @throws {BuildError} `SYNTAX`, and for `${name:?text}`
 * @see https://docs.docker.com/reference/dockerfile/#environment-replacement
 */
export function expand(text: string, options: ExpansionOptions): string {
  return new Expander(text, options).expand().text
}

/** The same, then split at the blanks that are neither quoted nor escaped. */
export function expandWords(text: string, options: ExpansionOptions): string[] {
  return new Expander(text, options).expand().words
}

interface Expanded {
  readonly text: string
  readonly words: string[]
}

class Expander {
  readonly #text: string
  readonly #options: ExpansionOptions
  readonly #escape: string
  #at = 0

  constructor(text: string, options: ExpansionOptions) {
    this.#text = text
    this.#options = options
    this.#escape = options.quotes === 'keep' ? '\\' : options.escape
  }

  expand(): Expanded {
    return this.#until('', false)
  }

  /** Reads up to `stop` (the end, when empty) and past it. Raw escapes stay in the text: patterns read them once more. */
  #until(stop: string, rawEscapes: boolean): Expanded {
    const collected = new Collected()
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at)
      if (stop !== '' && character === stop) {
        this.#at++
        return collected.finish()
      }
      if (character === '$') collected.addSplittable(this.#variable())
      else if (this.#isQuote(character)) collected.add(this.#quoted(character, rawEscapes))
      else if (character === this.#escape) collected.add(this.#escaped(rawEscapes))
      else collected.addSplittable(this.#take())
    }
    if (stop === '') return collected.finish()
    throw this.#wrong(`the ${stop === '}' ? 'closing }' : stop} of \${ is missing`)
  }

  #isQuote(character: string): boolean {
    return this.#options.quotes !== 'keep' && (character === "'" || character === '"')
  }

  #take(): string {
    return this.#text.charAt(this.#at++)
  }

  #escaped(raw: boolean): string {
    const escape = this.#take()
    const character = this.#take()
    return raw ? escape + character : character
  }

  #quoted(quote: string, rawEscapes: boolean): string {
    const start = this.#at++
    let text = ''
    while (this.#at < this.#text.length) {
      const character = this.#text.charAt(this.#at)
      if (character === quote) {
        this.#at++
        return text
      }
      if (quote === "'") text += this.#take()
      else if (character === '$') text += this.#variable()
      else if (character === this.#escape) text += this.#escapedInQuotes(rawEscapes)
      else text += this.#take()
    }
    throw this.#wrong(`the ${quote === "'" ? 'single' : 'double'} quote of ${this.#text.slice(start)} is not closed`)
  }

  #escapedInQuotes(raw: boolean): string {
    const escape = this.#take()
    const next = this.#text.charAt(this.#at)
    if (next === '') return ''
    if (!['"', '$', escape].includes(next)) return escape
    return raw ? escape + this.#take() : this.#take()
  }

  #variable(): string {
    const start = this.#at++
    if (this.#text.charAt(this.#at) !== '{') {
      const name = this.#name()
      return name === '' ? '$' : (this.#value(name) ?? '')
    }
    this.#at++
    const name = this.#name()
    if (name === '') throw this.#wrong(`${this.#text.slice(start)} names no variable`)
    return this.#modified(name, this.#take())
  }

  #name(): string {
    const [name = ''] = /^(?:\d+|[@*#?\-$!0]|[\p{L}_][\p{L}\p{Nd}_]*)/u.exec(this.#text.slice(this.#at)) ?? []
    this.#at += name.length
    return name
  }

  #value(name: string): string | undefined {
    const value = this.#options.lookup(name)
    if (value === undefined) this.#options.onUnset?.(name)
    return value
  }

  #modified(name: string, modifier: string): string {
    switch (modifier) {
      case '}':
        return this.#value(name) ?? ''
      case ':':
        return this.#conditional(name, this.#take(), true)
      case '-':
      case '+':
      case '?':
        return this.#conditional(name, modifier, false)
      case '#':
      case '%':
        return this.#trimmed(name, modifier)
      case '/':
        return this.#replaced(name)
      default:
        throw this.#wrong(
          modifier === '' ? `the closing } of \${${name} is missing` : `\${${name}${modifier}...}: ${modifier} is no modifier`,
        )
    }
  }

  #conditional(name: string, modifier: string, emptyIsUnset: boolean): string {
    if (!['-', '+', '?'].includes(modifier)) throw this.#wrong(`\${${name}:${modifier}...}: :${modifier} is no modifier`)
    const word = this.#until('}', false).text
    const value = modifier === '-' ? this.#options.lookup(name) : this.#value(name)
    const isSet = value !== undefined && !(emptyIsUnset && value === '')
    if (modifier === '-') return isSet ? value : word
    if (modifier === '+') return isSet ? word : ''
    if (isSet) return value
    throw new BuildError('SYNTAX', `${name}: ${word || `is not allowed to be ${value === undefined ? 'unset' : 'empty'}`}`)
  }

  #trimmed(name: string, modifier: '#' | '%'): string {
    const written = this.#until('}', true).text
    const isGreedy = written.startsWith(modifier)
    const pattern = isGreedy ? written.slice(1) : written
    const bounds: Bounds = { greedy: isGreedy }
    const value = this.#value(name) ?? ''
    return modifier === '#' ? trimPrefix(value, pattern, bounds) : trimSuffix(value, pattern, bounds)
  }

  #replaced(name: string): string {
    const everywhere = this.#text.charAt(this.#at) === '/'
    if (everywhere) this.#at++
    const pattern = this.#until('/', true).text
    const replacement = this.#until('}', true).text
    return replaceMatches(this.#value(name) ?? '', pattern, { replacement, everywhere })
  }

  #wrong(why: string): BuildError {
    return new BuildError('SYNTAX', `expanding ${JSON.stringify(this.#text)}: ${why}`)
  }
}

/** The expanded text, and beside it the same in words. */
class Collected {
  #text = ''
  readonly #words: string[] = []
  #word: string | undefined

  add(text: string): void {
    this.#text += text
    this.#word = (this.#word ?? '') + text
  }

  addSplittable(text: string): void {
    for (const character of text) {
      if (/\s/.test(character)) this.#endWord()
      else this.#word = (this.#word ?? '') + character
    }
    this.#text += text
  }

  finish(): Expanded {
    this.#endWord()
    return { text: this.#text, words: this.#words }
  }

  #endWord(): void {
    if (this.#word !== undefined && this.#word !== '') this.#words.push(this.#word)
    this.#word = undefined
  }
}
