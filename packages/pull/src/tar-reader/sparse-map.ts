import { badArchive } from './bad-archive.ts'
import type { PaxRecords } from './pax-records.ts'
import type { SparseExtent } from './tar-entry.ts'
import { readDecimal, readNumber } from './tar-numbers.ts'

const WHAT = 'a sparse map'
const OLD_ENTRY_LENGTH = 24

/**
 * The pairs of an old GNU header (`S`), or of one of the blocks that continue it.
 * @see https://www.gnu.org/software/tar/manual/html_node/Sparse-Formats.html
 */
export function readOldExtents(block: Buffer, at: number, count: number): SparseExtent[] {
  const extents: SparseExtent[] = []
  for (let entry = at; entry < at + count * OLD_ENTRY_LENGTH && block[entry + 12] !== 0; entry += OLD_ENTRY_LENGTH)
    extents.push({ offset: readNumber(block, entry, 12), length: readNumber(block, entry + 12, 12) })
  return extents
}

/** The map of GNU.sparse 0.0 (repeated records) or 0.1 (`offset,length,...` in one). */
export function readPaxExtents({ values, sparseNumbers }: PaxRecords): SparseExtent[] {
  const map = values.get('GNU.sparse.map')
  if (map !== undefined) return pairs(map.length === 0 ? [] : map.toString('latin1').split(',').map(decimal))
  if (sparseNumbers.some(([key], index) => (key === 'GNU.sparse.offset') !== (index % 2 === 0)))
    throw badArchive(WHAT, 'offsets and lengths do not take turns')
  return pairs(sparseNumbers.map(([, value]) => value))
}

/**
 * The map of GNU.sparse 1.0: decimal lines before the content, the first one the count of pairs.
 * @returns undefined as long as some of the map is missing; `length` is that of its text
 */
export function readMapText(text: Buffer): { extents: SparseExtent[]; length: number } | undefined {
  const numbers: number[] = []
  let at = 0
  do {
    const newline = text.indexOf(0x0a, at)
    if (newline < 0) return undefined
    numbers.push(decimal(text.toString('latin1', at, newline)))
    at = newline + 1
  } while (numbers.length < 1 + 2 * (numbers[0] as number))
  return { extents: pairs(numbers.slice(1)), length: at }
}

/** @throws {PullError} `BAD_ARCHIVE` unless the extents ascend within `size` and hold the `stored` bytes */
export function checkExtents(extents: readonly SparseExtent[], size: number, stored: number): void {
  let end = 0
  let held = 0
  for (const { offset, length } of extents) {
    if (offset < end || length < 0 || offset + length > size)
      throw badArchive(WHAT, `${length} bytes at ${offset} do not fit in a file of ${size}`)
    end = offset + length
    held += length
  }
  if (held !== stored) throw badArchive(WHAT, `it speaks of ${held} bytes, and the entry has ${stored}`)
}

function pairs(numbers: readonly number[]): SparseExtent[] {
  if (numbers.length % 2 !== 0) throw badArchive(WHAT, 'an offset has no length')
  return Array.from({ length: numbers.length / 2 }, (_, index) => ({
    offset: numbers[2 * index] as number,
    length: numbers[2 * index + 1] as number,
  }))
}

function decimal(text: string): number {
  return readDecimal(text, WHAT)
}
