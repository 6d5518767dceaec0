import { badArchive } from './bad-archive.ts'
import { type Extensions, isMapInBody, type Member, memberOf } from './member.ts'
import { extensionBody, fileBody, IGNORED_BODY, LARGEST_EXTENSION, type MemberBody, mappedBody, sparseBody } from './member-body.ts'
import { GatheredPax, mergePax } from './pax-records.ts'
import { checkExtents, readOldExtents } from './sparse-map.ts'
import type { SparseExtent, TarSink } from './tar-entry.ts'
import { BLOCK_SIZE, isZeroBlock, readHeader, type TarHeader } from './tar-header.ts'
import { readNumber } from './tar-numbers.ts'

const EXTENSION_TYPES = 'xgLK'
// Where the map of an old GNU sparse header is, how many pairs there are, and the byte that says that a block of more follows.
const IN_HEADER = { first: 386, count: 4, more: 482 }
const IN_NEXT_BLOCK = { first: 0, count: 21, more: 504 }
// What stands for all entries is looked at again for each of them.
const MOST_PAX = { bytes: LARGEST_EXTENSION, records: Number.POSITIVE_INFINITY }
const MOST_GLOBAL_PAX = { bytes: LARGEST_EXTENSION, records: 1000 }
const OLD_SPARSE_REAL_SIZE = 483
const MOST_OLD_EXTENTS = 1 << 16

interface GatheredExtensions extends Extensions {
  pax?: GatheredPax
}

interface OldSparse extends Member {
  readonly extents: SparseExtent[]
}

/**
 * Reads a tar archive as it is pushed in, and tells a sink of it: v7, ustar, PAX, GNU and star headers, sparse files of all kinds.
 * File data is never copied: the sink gets the memory that was written here.
 *
 * What follows the end marker (two blocks of zeros) is ignored.
 */
export class TarReader {
  readonly #sink: TarSink
  // The body that is being read: bytes of it still to come, then bytes up to the next whole block.
  #body: MemberBody = IGNORED_BODY
  #remaining = 0
  #padding = 0
  // A header block whose parts came in two chunks.
  readonly #block = Buffer.alloc(BLOCK_SIZE)
  #blockLength = 0
  #zeroBlocks = 0
  #globalPax: GatheredPax | undefined
  #extensions: GatheredExtensions = {}
  // An old GNU sparse header whose map goes on in further blocks.
  #oldSparse: OldSparse | undefined

  constructor(sink: TarSink) {
    this.#sink = sink
  }

  /** @throws {PullError} `BAD_ARCHIVE`, and whatever the sink throws */
  write(chunk: Buffer): void {
    for (let at = 0; at < chunk.length; ) {
      if (this.#zeroBlocks === 2) return
      if (this.#remaining > 0) at = this.#takeBody(chunk, at)
      else if (this.#padding > 0) at = this.#skipPadding(chunk, at)
      else at = this.#takeBlock(chunk, at)
    }
  }

  /** @throws {PullError} `BAD_ARCHIVE` when the archive stops in the middle of something. An end marker need not be there. */
  close(): void {
    const isMidway = this.#remaining > 0 || this.#padding > 0 || this.#blockLength > 0 || this.#oldSparse !== undefined
    if (isMidway || Object.keys(this.#extensions).length > 0) throw badArchive('a tar archive', 'it is cut short')
  }

  #takeBody(chunk: Buffer, at: number): number {
    const end = at + Math.min(this.#remaining, chunk.length - at)
    this.#body.take(chunk, at, end)
    this.#remaining -= end - at
    if (this.#remaining === 0) this.#body.finish()
    return end
  }

  #skipPadding(chunk: Buffer, at: number): number {
    const skipped = Math.min(this.#padding, chunk.length - at)
    this.#padding -= skipped
    return at + skipped
  }

  #takeBlock(chunk: Buffer, at: number): number {
    if (this.#blockLength === 0 && chunk.length - at >= BLOCK_SIZE) {
      this.#header(chunk, at)
      return at + BLOCK_SIZE
    }
    const taken = chunk.copy(this.#block, this.#blockLength, at, at + BLOCK_SIZE - this.#blockLength)
    this.#blockLength += taken
    if (this.#blockLength === BLOCK_SIZE) {
      this.#blockLength = 0
      this.#header(this.#block, 0)
    }
    return at + taken
  }

  #header(block: Buffer, at: number): void {
    if (this.#oldSparse !== undefined) this.#takeOldExtents(block, at, IN_NEXT_BLOCK)
    else if (isZeroBlock(block, at)) this.#zeroBlocks++
    else if (this.#zeroBlocks === 1) throw badArchive('a tar archive', 'a single block of zeros stands among the entries')
    else this.#member(block, at)
  }

  #member(block: Buffer, at: number): void {
    const header = readHeader(block, at)
    // GNU's name of the volume is not a file.
    if (header.type === 'V') this.#extensions = {}
    else if (EXTENSION_TYPES.includes(header.type)) this.#extension(header)
    else this.#entry(header, block, at)
  }

  #entry(header: TarHeader, block: Buffer, at: number): void {
    const extensions = this.#takeExtensions()
    const member = memberOf(header, extensions)
    if (header.type === 'S') this.#beginOldSparse(member, block, at)
    else if (isMapInBody(extensions) && member.entry.kind === 'file') this.#beginMapped(member)
    else this.#beginMember(member)
  }

  #extension({ type, size }: TarHeader): void {
    if (size < 0 || size > LARGEST_EXTENSION)
      throw badArchive('a tar header', `an extension of ${size} bytes, at most ${LARGEST_EXTENSION} are taken`)
    this.#begin(
      extensionBody(size, (bytes) => this.#understand(type, bytes)),
      size,
    )
  }

  #understand(type: string, bytes: Buffer): void {
    if (type === 'g') {
      this.#globalPax ??= new GatheredPax(MOST_GLOBAL_PAX)
      this.#globalPax.add(bytes)
    } else if (type === 'x') {
      this.#extensions.pax ??= new GatheredPax(MOST_PAX)
      this.#extensions.pax.add(bytes)
    } else {
      const nul = bytes.indexOf(0)
      this.#extensions[type === 'L' ? 'longName' : 'longLink'] = bytes.toString('latin1', 0, nul < 0 ? bytes.length : nul)
    }
  }

  #takeExtensions(): Extensions {
    const own = this.#extensions
    this.#extensions = {}
    if (this.#globalPax === undefined) return own
    return { ...own, pax: own.pax === undefined ? this.#globalPax : mergePax(this.#globalPax, own.pax) }
  }

  #beginMember({ entry, stored }: Member): void {
    if (entry.extents !== undefined) checkExtents(entry.extents, entry.size, stored)
    this.#sink.entry(entry)
    if (entry.kind !== 'file') this.#begin(IGNORED_BODY, stored)
    else this.#begin(entry.extents === undefined ? fileBody(this.#sink) : sparseBody(this.#sink, entry.extents), stored)
  }

  #beginMapped({ entry, stored }: Member): void {
    const body = mappedBody((extents, mapLength) => {
      checkExtents(extents, entry.size, stored - mapLength)
      this.#sink.entry({ ...entry, extents })
      return sparseBody(this.#sink, extents)
    })
    this.#begin(body, stored)
  }

  #beginOldSparse({ entry, stored }: Member, block: Buffer, at: number): void {
    const size = readNumber(block, at + OLD_SPARSE_REAL_SIZE, 12)
    this.#oldSparse = { entry: { ...entry, size }, stored, extents: [] }
    this.#takeOldExtents(block, at, IN_HEADER)
  }

  #takeOldExtents(block: Buffer, at: number, { first, count, more }: typeof IN_HEADER): void {
    const { entry, stored, extents } = this.#oldSparse as OldSparse
    extents.push(...readOldExtents(block, at + first, count))
    if (extents.length > MOST_OLD_EXTENTS) throw badArchive('a sparse map', `it has more than ${MOST_OLD_EXTENTS} pieces`)
    if (block[at + more] !== 0) return
    this.#oldSparse = undefined
    this.#beginMember({ entry: { ...entry, extents }, stored })
  }

  #begin(body: MemberBody, length: number): void {
    this.#body = body
    this.#remaining = length
    this.#padding = (BLOCK_SIZE - (length % BLOCK_SIZE)) % BLOCK_SIZE
    if (length === 0) body.finish()
  }
}
