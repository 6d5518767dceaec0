import { badArchive } from './bad-archive.ts'
import type { ByteText } from './tar-entry.ts'
import { readNumber } from './tar-numbers.ts'

export const BLOCK_SIZE = 512

/** The 512 bytes before each member, read but not yet understood. @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html */
export interface TarHeader {
  readonly type: string
  readonly name: ByteText
  readonly link: ByteText
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes that follow in the archive. */
  readonly size: number
  readonly mtime: number
  readonly major: number
  readonly minor: number
}

// Where the fields are, and how long: one place for reading and writing.
export const FIELDS = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  checksum: [148, 8],
  type: [156, 1],
  link: [157, 100],
  magic: [257, 8],
  major: [329, 8],
  minor: [337, 8],
  prefix: [345, 155],
} as const

/** The largest number that the octal digits of a field can say, with a NUL behind them. */
export function largest(field: 'uid' | 'gid' | 'size' | 'mtime'): number {
  return 8 ** (FIELDS[field][1] - 1) - 1
}

// star's format has times behind a shorter prefix, and says so at the end of the block.
const STAR_PREFIX_LENGTH = 131

/**
 * Reads v7, ustar, GNU and star headers.
 * @param block memory with the header at `at`
 * @throws {PullError} `BAD_ARCHIVE`
 */
export function readHeader(block: Buffer, at: number): TarHeader {
  checkSum(block, at)
  const type = block.toString('latin1', at + FIELDS.type[0], at + FIELDS.type[0] + 1)
  return {
    type: type === '\0' ? '0' : type,
    name: readName(block, at),
    link: readText(block, at + FIELDS.link[0], FIELDS.link[1]),
    mode: number(block, at, 'mode') & 0o7777,
    uid: number(block, at, 'uid'),
    gid: number(block, at, 'gid'),
    size: number(block, at, 'size'),
    mtime: number(block, at, 'mtime'),
    ...readDevice(block, at, type),
  }
}

export function isZeroBlock(block: Buffer, at: number): boolean {
  if (block[at] !== 0) return false
  for (let byte = at; byte < at + BLOCK_SIZE; byte++) if (block[byte] !== 0) return false
  return true
}

// Old tars added the bytes up as signed ones: both sums are taken.
function checkSum(block: Buffer, at: number): void {
  const [sumAt, sumLength] = FIELDS.checksum
  const written = readNumber(block, at + sumAt, sumLength)
  let unsigned = sumLength * 0x20
  let high = 0
  for (let byte = at; byte < at + BLOCK_SIZE; byte++) {
    if (byte === at + sumAt) byte += sumLength
    const value = block[byte] as number
    unsigned += value
    if (value >= 0x80) high++
  }
  if (written === unsigned || written === unsigned - high * 0x100) return
  throw badArchive('a tar header', `its checksum is ${written}, expected ${unsigned}`)
}

function number(block: Buffer, at: number, field: 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'major' | 'minor'): number {
  return readNumber(block, at + FIELDS[field][0], FIELDS[field][1])
}

function readName(block: Buffer, at: number): ByteText {
  const name = readText(block, at + FIELDS.name[0], FIELDS.name[1])
  const [prefixAt, prefixLength] = FIELDS.prefix
  // GNU's magic is `ustar  \0`, and its headers keep other things where ustar has the prefix.
  if (block.toString('latin1', at + 257, at + 263) !== 'ustar\0' || block[at + prefixAt] === 0) return name
  const isStar = block.toString('latin1', at + 508, at + 512) === 'tar\0'
  const prefix = readText(block, at + prefixAt, isStar ? STAR_PREFIX_LENGTH : prefixLength)
  return prefix === '' ? name : `${prefix}/${name}`
}

function readDevice(block: Buffer, at: number, type: string): { major: number; minor: number } {
  if (type !== '3' && type !== '4') return { major: 0, minor: 0 }
  return { major: number(block, at, 'major'), minor: number(block, at, 'minor') }
}

function readText(block: Buffer, at: number, length: number): ByteText {
  const nul = block.indexOf(0, at)
  return block.toString('latin1', at, nul < 0 || nul > at + length ? at + length : nul)
}
