import type { Architecture } from './architecture.ts'

/** A loadable part of a program. `memorySize` beyond the content is zeroed memory. */
export interface Segment {
  readonly access: 'code' | 'constant' | 'writable'
  readonly address: number
  readonly fileOffset: number
  readonly content: Uint8Array
  readonly memorySize: number
}

const HEADER_SIZE = 64
const PROGRAM_HEADER_SIZE = 56
const MACHINES: Record<Architecture, number> = { x64: 62, arm64: 183 }
const ET_EXEC = 2
const PT_LOAD = 1
const PT_GNU_STACK = 0x6474e551
const ACCESS = { code: 5, constant: 4, writable: 6 } as const

/** arm64 kernels have pages of 4, 16 or 64 kB; a segment's address and its place in the file agree modulo the largest. */
export const LARGEST_PAGE = 0x10000

/** The size of all headers of a program with this many segments. */
export function headersSize(segments: number): number {
  return HEADER_SIZE + PROGRAM_HEADER_SIZE * (segments + 1)
}

/**
 * A static executable. The first bytes are the headers; no segment may have content there.
 * @param segments in the order of their addresses
 * @see elf(5)
 */
export function encodeElf(architecture: Architecture, entry: number, segments: readonly Segment[]): Buffer {
  const file = Buffer.alloc(Math.max(...segments.map(({ fileOffset, content }) => fileOffset + content.length)))
  for (const { content, fileOffset } of segments) file.set(content, fileOffset)
  writeHeader(file, { architecture, entry, programHeaders: segments.length + 1 })
  segments.forEach((segment, index) => {
    writeSegment(file, HEADER_SIZE + PROGRAM_HEADER_SIZE * index, segment)
  })
  writeStack(file, HEADER_SIZE + PROGRAM_HEADER_SIZE * segments.length)
  return file
}

function writeHeader(file: Buffer, header: { architecture: Architecture; entry: number; programHeaders: number }): void {
  file.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]) // 64 bits, little-endian, version 1
  file.writeUInt16LE(ET_EXEC, 16)
  file.writeUInt16LE(MACHINES[header.architecture], 18)
  file.writeUInt32LE(1, 20)
  file.writeBigUInt64LE(BigInt(header.entry), 24)
  file.writeBigUInt64LE(BigInt(HEADER_SIZE), 32)
  file.writeUInt16LE(HEADER_SIZE, 52)
  file.writeUInt16LE(PROGRAM_HEADER_SIZE, 54)
  file.writeUInt16LE(header.programHeaders, 56)
}

function writeSegment(file: Buffer, at: number, { access, address, fileOffset, content, memorySize }: Segment): void {
  file.writeUInt32LE(PT_LOAD, at)
  file.writeUInt32LE(ACCESS[access], at + 4)
  const words = [fileOffset, address, address, content.length, memorySize, LARGEST_PAGE]
  words.forEach((word, index) => {
    file.writeBigUInt64LE(BigInt(word), at + 8 + 8 * index)
  })
}

function writeStack(file: Buffer, at: number): void {
  file.writeUInt32LE(PT_GNU_STACK, at)
  file.writeUInt32LE(ACCESS.writable, at + 4)
}
