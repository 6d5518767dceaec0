import { invalidOption } from '../error.ts'

const POWERS = 'bkmgtp'

/**
 * Reads `512m`, `1.5g`, `4096`, `2GiB`; a unit is always a power of 1024, as docker has it for memory.
 * @returns bytes
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseMemory(text: string, what = 'size'): number {
  const [, digits, unit = 'b'] = /^(\d+(?:\.\d+)?) ?([bkmgtp])?(?:i?b)?$/i.exec(text.trim()) ?? []
  if (digits === undefined) throw invalidOption(what, text, 'not a number of bytes with an optional unit', 'write it as 64m or 2g')
  return Math.trunc(Number(digits) * 1024 ** POWERS.indexOf(unit.toLowerCase()))
}

/**
 * As {@link parseMemory}, and -1 for no limit.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseMemoryOrUnlimited(text: string, what = 'size'): number {
  return text.trim() === '-1' ? -1 : parseMemory(text, what)
}
