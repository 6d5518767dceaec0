import { RunError } from '@gocker/run'

/** For an option that may be given several times. */
export function collect(value: string, values: readonly string[]): string[] {
  return [...values, value]
}

/** @throws {RunError} `INVALID_OPTION` */
export function naturalNumber(text: string, name: string): number {
  const number = wholeNumber(text, name)
  if (number >= 0) return number
  throw new RunError('INVALID_OPTION', `reading ${name} ${JSON.stringify(text)}: less than 0`)
}

/** @throws {RunError} `INVALID_OPTION` */
export function wholeNumber(text: string, name: string): number {
  const number = Number(text)
  if (text.trim() !== '' && Number.isSafeInteger(number)) return number
  throw new RunError('INVALID_OPTION', `reading ${name} ${JSON.stringify(text)}: not a whole number`)
}
