import { suggestion } from '../language/suggestion.ts'

/** Options by their first name; those without a value are there with none. */
export type Fields = ReadonlyMap<string, string | undefined>

/** Other names that an option has. */
const NAMES: Readonly<Record<string, string>> = { src: 'source', dst: 'target', destination: 'target', readonly: 'ro', readwrite: 'rw' }
const KNOWN = ['type', 'from', 'source', 'target', 'ro', 'rw', 'id', 'sharing', 'required', 'size', 'mode', 'uid', 'gid', 'env']
const SWITCHES = ['ro', 'rw', 'required']

/**
 * Reads `key=value,...`, where a field may be quoted to hold a comma.
 * @param expand replaces a value's variables
 * @throws {Error} for an option that no mount has
 */
export function readFields(text: string, expand: (value: string) => string): Fields {
  const fields = new Map<string, string | undefined>()
  for (const field of splitFields(text)) {
    const equals = field.indexOf('=')
    const key = (equals < 0 ? field : field.slice(0, equals)).toLowerCase()
    const name = NAMES[key] ?? key
    if (!KNOWN.includes(name)) throw new Error(`no option ${key}${meant(key)}`)
    if (equals < 0 && !SWITCHES.includes(name)) throw new Error(`${key} needs a value: ${key}=...`)
    fields.set(name, equals < 0 ? undefined : expand(field.slice(equals + 1)))
  }
  return fields
}

/** @throws {Error} when it is none of `words` */
export function wordOf<T extends string>(fields: Fields, name: string, words: readonly T[]): T | undefined {
  const value = fields.get(name)?.toLowerCase()
  if (value === undefined || value === '') return undefined
  const word = words.find((word) => word === value)
  if (word !== undefined) return word
  const likely = suggestion(value, words)
  throw new Error(
    `${name} is ${words.join(', ').replace(/, (?=\w+$)/, ' or ')}, not ${value}${likely === undefined ? '' : `: did you mean ${likely}?`}`,
  )
}

/** `undefined` when it is not given. @throws {Error} when it is neither true nor false */
export function switchOf(fields: Fields, name: string): boolean | undefined {
  if (!fields.has(name)) return undefined
  const value = fields.get(name)
  if (value === undefined || /^(?:1|t|true)$/i.test(value)) return true
  if (/^(?:0|f|false)$/i.test(value)) return false
  throw new Error(`${name} is true or false, not ${value}`)
}

/** @throws {Error} when it is no number of that base */
export function numberOf(fields: Fields, name: string, base: 8 | 10): number | undefined {
  const value = fields.get(name)
  if (value === undefined) return undefined
  if (base === 8 ? /^[0-7]{1,6}$/.test(value) : /^\d{1,9}$/.test(value)) return Number.parseInt(value, base)
  throw new Error(`${name} is ${base === 8 ? 'octal digits' : 'a number'}, not ${value}`)
}

function meant(key: string): string {
  const likely = suggestion(key, [...KNOWN, ...Object.keys(NAMES)])
  return likely === undefined ? '' : `: did you mean ${likely}?`
}

/** One line of CSV. @see https://www.rfc-editor.org/rfc/rfc4180 */
function splitFields(text: string): string[] {
  const fields = [...text.matchAll(/(?:^|,)(?:"((?:[^"]|"")*)"(?=,|$)|([^,]*))/g)]
  return fields.map(([, quoted, plain = '']) => quoted?.replaceAll('""', '"') ?? plain)
}
