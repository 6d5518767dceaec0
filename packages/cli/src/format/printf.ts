import { FormatError } from './error.ts'
import { printed, typeName, type Value } from './values.ts'

const VERB = /%([-+# 0]*)(\d+|\*)?(?:\.(\d+))?(.)/gu

/**
 * The part of Go's verbs that templates use: %s %v %q %d %x %f %t %c %%, with flags, width and precision.
 * @throws {FormatError} for a verb that is none of them, or too few values
 * @see https://pkg.go.dev/fmt
 */
export function printf(format: string, values: readonly Value[]): string {
  const rest = [...values]
  const take = (verb: string): Value => {
    if (rest.length === 0) throw new FormatError(`formatting with ${JSON.stringify(format)}: there is no value for ${verb}`)
    return rest.shift()
  }
  return format.replace(VERB, (whole, flags: string, width: string | undefined, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%'
    const columns = width === '*' ? Number(take(whole)) : Number(width ?? 0)
    return padded(verbText(verb, take(whole), { flags, precision, whole }), columns, flags)
  })
}

interface Verb {
  readonly flags: string
  readonly precision: string | undefined
  readonly whole: string
}

function verbText(verb: string, value: Value, { flags, precision, whole }: Verb): string {
  switch (verb) {
    case 'v':
    case 's':
      return precision === undefined ? printed(value) : printed(value).slice(0, Number(precision))
    case 'q':
      return JSON.stringify(printed(value))
    case 't':
      return String(value === true)
    case 'd':
      return signed(Math.trunc(numberOf(value, whole)), flags)
    case 'x':
      return typeof value === 'string' ? Buffer.from(value).toString('hex') : numberOf(value, whole).toString(16)
    case 'f':
      return numberOf(value, whole).toFixed(Number(precision ?? 6))
    case 'c':
      return String.fromCodePoint(numberOf(value, whole))
    default:
      throw new FormatError(`formatting with ${whole}: printf knows %s %v %q %d %x %f %t %c`)
  }
}

function numberOf(value: Value, whole: string): number {
  if (typeof value === 'number') return value
  throw new FormatError(`formatting with ${whole}: ${JSON.stringify(printed(value))} is ${typeName(value)}, not a number`)
}

function signed(number: number, flags: string): string {
  return flags.includes('+') && number >= 0 ? `+${number}` : `${number}`
}

function padded(text: string, width: number, flags: string): string {
  if (flags.includes('-')) return text.padEnd(width)
  return flags.includes('0') && /^[+-]?\d/.test(text) ? text.padStart(width, '0') : text.padStart(width)
}
