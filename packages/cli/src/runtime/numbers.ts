import { RunError } from '@gocker/run'

/** @throws {RunError} `INVALID_OPTION` */
export function wholeNumber(text: string, flag: string): number {
  if (/^-?\d+$/.test(text)) return Number(text)
  throw new RunError('INVALID_OPTION', `reading --${flag} ${JSON.stringify(text)}: not a whole number`)
}

/** How many descriptors the command gets beside its own. @throws {RunError} `INVALID_OPTION` */
export function descriptorCount(text: unknown): number {
  const count = text === undefined ? 0 : wholeNumber(text as string, 'preserve-fds')
  if (count >= 0 && count <= 1000) return count
  throw new RunError('INVALID_OPTION', `reading --preserve-fds ${count}: not 0 to 1000`)
}
