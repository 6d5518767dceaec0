import type { Sparse } from './entry.ts'
import { BLOCK, encodeOctal, type Header, padded } from './header.ts'
import type { PaxPair } from './pax.ts'

/** What of a sparse file goes where in the archive. */
export interface SparseParts {
  readonly content: Buffer
  readonly header: Partial<Header>
  readonly pax: readonly PaxPair[]
  /** Blocks between header and content: more of an old GNU map. */
  readonly moreHeaders: readonly Buffer[]
}

interface Region {
  readonly offset: number
  readonly length: number
}

/** @see https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html */
export function sparseParts(name: string | Uint8Array, { form, size, regions }: Sparse): SparseParts {
  const content = Buffer.concat(regions.map((region) => Buffer.from(region.content)))
  const map = withEnd(
    regions.map((region) => ({ offset: region.offset, length: Buffer.from(region.content).length })),
    size,
  )
  if (form === 'gnu-old') return { content, ...oldGnuMap(map, size), pax: [] }
  if (form === 'pax-1.0') return pax10(Buffer.from(name), { content, map, size })
  return { content, header: {}, pax: form === 'pax-0.0' ? pax00(map, size) : pax01(Buffer.from(name), map, size), moreHeaders: [] }
}

/** A hole at the end is closed by an empty region, as GNU tar writes it: without one it makes the file too short when it reads. */
function withEnd(map: readonly Region[], size: number): readonly Region[] {
  const last = map.at(-1)
  return last !== undefined && last.offset + last.length === size ? map : [...map, { offset: size, length: 0 }]
}

const REGIONS_IN_HEADER = 4
const REGIONS_IN_BLOCK = 21

/** The fields of the old header, counted from its byte 345: the map at 386, whether it goes on at 482, the real size at 483. */
function oldGnuMap(map: readonly Region[], size: number): Pick<SparseParts, 'header' | 'moreHeaders'> {
  const gnuArea = Buffer.alloc(BLOCK - 345)
  writeRegions(gnuArea.subarray(386 - 345), map.slice(0, REGIONS_IN_HEADER))
  gnuArea.writeUInt8(map.length > REGIONS_IN_HEADER ? 1 : 0, 482 - 345)
  gnuArea.set(encodeOctal(size, 12), 483 - 345)
  const moreHeaders: Buffer[] = []
  for (let at = REGIONS_IN_HEADER; at < map.length; at += REGIONS_IN_BLOCK) {
    const block = Buffer.alloc(BLOCK)
    writeRegions(block, map.slice(at, at + REGIONS_IN_BLOCK))
    block.writeUInt8(map.length > at + REGIONS_IN_BLOCK ? 1 : 0, 504)
    moreHeaders.push(block)
  }
  return { header: { gnuArea, format: 'gnu' }, moreHeaders }
}

function writeRegions(target: Buffer, regions: readonly Region[]): void {
  for (const [index, { offset, length }] of regions.entries()) {
    target.set(encodeOctal(offset, 12), index * 24)
    target.set(encodeOctal(length, 12), index * 24 + 12)
  }
}

/** One pair of records a region: a keyword that comes again and again. */
function pax00(map: readonly Region[], size: number): PaxPair[] {
  const regions = map.flatMap(({ offset, length }): PaxPair[] => [
    ['GNU.sparse.offset', String(offset)],
    ['GNU.sparse.numbytes', String(length)],
  ])
  return [['GNU.sparse.size', String(size)], ['GNU.sparse.numblocks', String(map.length)], ...regions]
}

function pax01(name: Buffer, map: readonly Region[], size: number): PaxPair[] {
  return [
    ['GNU.sparse.size', String(size)],
    ['GNU.sparse.numblocks', String(map.length)],
    ['GNU.sparse.map', map.flatMap(({ offset, length }) => [offset, length]).join(',')],
    ['GNU.sparse.name', name],
  ]
}

/** The map stands in lines before the content; the header's name is one for readers that know nothing of this. */
function pax10(name: Buffer, file: { content: Buffer; map: readonly Region[]; size: number }): SparseParts {
  const numbers = [file.map.length, ...file.map.flatMap(({ offset, length }) => [offset, length])]
  const map = padded(Buffer.from(numbers.map((number) => `${number}\n`).join('')))
  const pax: PaxPair[] = [
    ['GNU.sparse.major', '1'],
    ['GNU.sparse.minor', '0'],
    ['GNU.sparse.name', name],
    ['GNU.sparse.realsize', String(file.size)],
  ]
  return { content: Buffer.concat([map, file.content]), header: { name: Buffer.from('GNUSparseFile.0/file') }, pax, moreHeaders: [] }
}
