import { InvalidArgumentError } from 'commander'

/** For an option that may be given several times. */
export function collect(value: string, values: readonly string[]): string[] {
  return [...values, value]
}

/** @throws {InvalidArgumentError} when the text is no whole number */
export function wholeNumber(text: string): number {
  const number = Number(text)
  if (text.trim() === '' || !Number.isSafeInteger(number)) throw new InvalidArgumentError('not a whole number.')
  return number
}
