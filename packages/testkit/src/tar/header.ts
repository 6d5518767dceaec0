import type { TarEntryType, TarFormat } from './entry.ts'

export const BLOCK = 512

export const TYPE_FLAGS: Record<TarEntryType, string> = {
  'old-file': '\0',
  file: '0',
  hardlink: '1',
  symlink: '2',
  character: '3',
  block: '4',
  directory: '5',
  fifo: '6',
  contiguous: '7',
}

/** An entry's header before it is bytes. */
export interface Header {
  readonly name: Buffer
  /** The first half of a ustar name, without the slash between. */
  readonly prefix?: Buffer
  readonly link: Buffer
  readonly type: string
  readonly numbers: Partial<Record<NumberField, number>>
  readonly nanoseconds: number
  readonly uname: string
  readonly gname: string
  readonly format: TarFormat
  /** Written over bytes 345 to 500, where old GNU sparse files have their map. */
  readonly gnuArea?: Buffer
}

export type NumberField = keyof typeof NUMBER_FIELDS

/** Offset and width. */
const NUMBER_FIELDS = {
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  major: [329, 8],
  minor: [337, 8],
} as const

const MAGIC: Record<TarFormat, string> = { v7: '', ustar: 'ustar\x0000', pax: 'ustar\x0000', gnu: 'ustar  \0' }

export interface Encoding {
  readonly base256?: boolean
  readonly editHeader?: (header: Buffer) => void
  readonly wrongChecksum?: boolean
}

export function encodeHeader(header: Header, { base256 = false, editHeader, wrongChecksum = false }: Encoding = {}): Buffer {
  const block = Buffer.alloc(BLOCK)
  header.name.copy(block, 0, 0, 100)
  for (const [field, value] of Object.entries(header.numbers) as [NumberField, number][]) {
    const [offset, width] = NUMBER_FIELDS[field]
    block.set(base256 || !fitsOctal(field, value) ? encodeBase256(value, width) : encodeOctal(value, width), offset)
  }
  block.write(header.type, 156, 'latin1')
  header.link.copy(block, 157, 0, 100)
  block.write(MAGIC[header.format], 257, 'latin1')
  block.write(header.uname, 265, 32)
  block.write(header.gname, 297, 32)
  header.prefix?.copy(block, 345, 0, 155)
  header.gnuArea?.copy(block, 345)
  editHeader?.(block)
  writeChecksum(block, wrongChecksum ? 1 : 0)
  return block
}

export function fitsOctal(field: NumberField, value: number): boolean {
  const digits = NUMBER_FIELDS[field][1] - 1
  return Number.isInteger(value) && value >= 0 && value < 8 ** digits
}

export function encodeOctal(value: number, width: number): Buffer {
  return Buffer.from(`${value.toString(8).padStart(width - 1, '0')}\0`, 'latin1')
}

/** Two's complement, most significant byte first, the first bit set to tell it from octal digits. */
function encodeBase256(value: number, width: number): Buffer {
  const bits = BigInt.asUintN(width * 8, BigInt(value))
  const bytes = Buffer.from(bits.toString(16).padStart(width * 2, '0'), 'hex')
  bytes.writeUInt8(bytes.readUInt8(0) | 0x80, 0)
  return bytes
}

/** The sum of all bytes, its own eight taken as blanks. */
function writeChecksum(block: Buffer, error: number): void {
  block.fill(' ', 148, 156)
  const sum = block.reduce((total, byte) => total + byte, 0) + error
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1')
}

/** The content and the zeros up to the next block. */
export function padded(content: Uint8Array): Buffer {
  return Buffer.concat([content, Buffer.alloc((BLOCK - (content.length % BLOCK)) % BLOCK)])
}
