import { badArchive } from './bad-archive.ts'

const [ZERO, SEVEN, SPACE] = [0x30, 0x37, 0x20]

/**
 * A number field of a header: octal digits, or GNU's base-256 (the first byte's highest bit set, two's complement) for what they cannot hold.
 * @throws {PullError} `BAD_ARCHIVE`
 * @see https://www.gnu.org/software/tar/manual/html_node/Extensions.html
 */
export function readNumber(block: Buffer, at: number, length: number): number {
  return ((block[at] as number) & 0x80) === 0 ? readOctal(block, at, length) : readBase256(block, at, length)
}

function readOctal(block: Buffer, at: number, length: number): number {
  const end = at + length
  let digit = at
  while (digit < end && block[digit] === SPACE) digit++
  let value = 0
  for (; digit < end; digit++) {
    const byte = block[digit] as number
    if (byte === 0 || byte === SPACE) break
    if (byte < ZERO || byte > SEVEN)
      throw badArchive('a tar header', `${JSON.stringify(block.toString('latin1', at, end))} is not an octal number`)
    value = value * 8 + byte - ZERO
  }
  return value
}

function readBase256(block: Buffer, at: number, length: number): number {
  const first = block[at] as number
  let value = (first & 0x40) === 0 ? first & 0x7f : first - 0x100
  for (let byte = at + 1; byte < at + length; byte++) value = value * 256 + (block[byte] as number)
  if (!Number.isSafeInteger(value)) throw badArchive('a tar header', 'a number is out of range')
  return value
}

/**
 * A number of decimal digits alone, as PAX records and GNU's sparse maps have them.
 * @throws {PullError} `BAD_ARCHIVE`
 */
export function readDecimal(text: string, what: string): number {
  const value = /^\d+$/.test(text) ? Number(text) : Number.NaN
  if (Number.isSafeInteger(value)) return value
  throw badArchive(what, `${JSON.stringify(text.slice(0, 40))} is not a number`)
}
