import { FormatError } from './error.ts'
import { printf } from './printf.ts'
import { isDictionary, isNil, isObject, isTrue, NO_VALUE, printed, typeName, type Value } from './values.ts'

export type TemplateFunction = (...values: Value[]) => Value

/**
 * Go's own functions and docker's. `and` and `or` do not evaluate what does not matter, so the template's execution has them.
 * @see https://pkg.go.dev/text/template#hdr-Functions
 * @see https://docs.docker.com/engine/cli/formatting/
 */
export const FUNCTIONS: Readonly<Record<string, TemplateFunction>> = {
  json: (value) => JSON.stringify(value === NO_VALUE || value === undefined ? null : value),
  split: (value, separator) => text(value, 'split').split(text(separator, 'split')),
  join: (value, separator) => list(value, 'join').map(printed).join(text(separator, 'join')),
  title: (value) => text(value, 'title').replace(/(?<![\p{L}\p{N}_'])\p{L}/gu, (letter) => letter.toUpperCase()),
  lower: (value) => text(value, 'lower').toLowerCase(),
  upper: (value) => text(value, 'upper').toUpperCase(),
  pad: (value, before, after) => `${' '.repeat(number(before, 'pad'))}${text(value, 'pad')}${' '.repeat(number(after, 'pad'))}`,
  truncate: (value, length) => text(value, 'truncate').slice(0, number(length, 'truncate')),
  len: (value) => lengthOf(value),
  index: (value, ...keys) => keys.reduce(indexed, value),
  slice: (value, from = 0, to = lengthOf(value)) => sliced(value, number(from, 'slice'), number(to, 'slice')),
  print: (...values) => spaced(values),
  println: (...values) => `${values.map(printed).join(' ')}\n`,
  printf: (format, ...values) => printf(text(format, 'printf'), values),
  html: (...values) => escaped(spaced(values), HTML),
  urlquery: (...values) => encodeURIComponent(spaced(values)),
  not: (value) => !isTrue(value),
  eq: (first, ...others) => others.some((other) => equal(first, other)),
  ne: (first, second) => !equal(first, second),
  lt: (first, second) => compare(first, second) < 0,
  le: (first, second) => compare(first, second) <= 0,
  gt: (first, second) => compare(first, second) > 0,
  ge: (first, second) => compare(first, second) >= 0,
}

const HTML: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&#34;', "'": '&#39;' }

function escaped(value: string, characters: Readonly<Record<string, string>>): string {
  return value.replace(/[&<>"']/g, (character) => characters[character] ?? character)
}

/** As Go's Sprint: blanks between values of which neither is a text. */
function spaced(values: readonly Value[]): string {
  return values.reduce<string>((whole, value, at) => {
    const isSpaced = at > 0 && typeof value !== 'string' && typeof values[at - 1] !== 'string'
    return `${whole}${isSpaced ? ' ' : ''}${printed(value)}`
  }, '')
}

function lengthOf(value: Value): number {
  if (typeof value === 'string') return Buffer.byteLength(value)
  if (Array.isArray(value)) return value.length
  if (isDictionary(value)) return Object.keys(value).length
  throw new FormatError(`taking the len of ${typeName(value)}: only texts, lists and maps have one`)
}

/** What a map has not is the empty value of what it has. */
function indexed(value: Value, key: Value): Value {
  if (isDictionary(value)) {
    const name = text(key, 'index')
    if (Object.hasOwn(value, name)) return value[name]
    return Object.values(value).every((each) => typeof each === 'string') ? '' : undefined
  }
  if (isObject(value) || isNil(value))
    throw new FormatError(`taking index ${printed(key)} of ${typeName(value)}: only lists, maps and texts have one`)
  const at = number(key, 'index')
  const [items, length] =
    typeof value === 'string' ? [Buffer.from(value), Buffer.byteLength(value)] : [list(value, 'index'), lengthOf(value)]
  if (at < 0 || at >= length) throw new FormatError(`taking index ${at}: out of range, there are ${length}`)
  return items[at]
}

function sliced(value: Value, from: number, to: number): Value {
  const length = lengthOf(value)
  if (from < 0 || to > length || from > to) throw new FormatError(`taking slice ${from} to ${to}: out of range, there are ${length}`)
  return typeof value === 'string' ? value.slice(from, to) : list(value, 'slice').slice(from, to)
}

function equal(first: Value, second: Value): boolean {
  if (isNil(first) || isNil(second)) return isNil(first) && isNil(second)
  if (typeof first === typeof second && !isObject(first) && !Array.isArray(first)) return first === second
  throw new FormatError(`comparing ${typeName(first)} with ${typeName(second)}: they are of different kinds`)
}

function compare(first: Value, second: Value): number {
  if (typeof first === 'number' && typeof second === 'number') return first - second
  if (typeof first === 'string' && typeof second === 'string') return first < second ? -1 : Number(first > second)
  throw new FormatError(`comparing ${typeName(first)} with ${typeName(second)}: neither both numbers nor both texts`)
}

function text(value: Value, name: string): string {
  if (typeof value === 'string') return value
  throw new FormatError(`calling ${name} with ${typeName(value)}: it takes a text`)
}

function list(value: Value, name: string): readonly Value[] {
  if (Array.isArray(value)) return value
  if (isNil(value)) return []
  throw new FormatError(`calling ${name} with ${typeName(value)}: it takes a list`)
}

function number(value: Value, name: string): number {
  if (typeof value === 'number') return value
  throw new FormatError(`calling ${name} with ${typeName(value)}: it takes a number`)
}
