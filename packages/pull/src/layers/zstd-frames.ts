import { badArchive } from '../tar-reader/bad-archive.ts'

const FRAME_MAGIC = 0xfd2fb528
const SKIPPABLE_MAGIC = 0x184d2a50
const RLE_BLOCK = 1
const DICTIONARY_ID_LENGTHS = [0, 1, 2, 4]
const CONTENT_SIZE_LENGTHS = [0, 2, 4, 8]
const NEXT_FIELD = { magic: 4, 'skippable size': 4, descriptor: 1, 'block header': 3 }

/**
 * Cuts where frames end: Node's decompressor drops what follows a frame in the same chunk, and compressors that work in parallel, or that
 * want files to be found in the blob, write many frames.
 * @throws {PullError} `BAD_ARCHIVE`
 * @see https://www.rfc-editor.org/rfc/rfc8878#section-3
 */
export async function* splitZstdFrames(source: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  const frames = new FrameWalk()
  for await (const chunk of source)
    for (let at = 0; at < chunk.length; ) {
      const end = frames.walk(chunk, at)
      yield chunk.subarray(at, end)
      at = end
    }
}

class FrameWalk {
  // The field that is being gathered, low byte first.
  #field: keyof typeof NEXT_FIELD = 'magic'
  #value = 0
  #gathered = 0
  // Bytes to pass over before the next field, and whether the frame ends behind them.
  #skip = 0
  #isLast = false
  #hasChecksum = false

  /** @returns where in `chunk` the frame ends, or the chunk's end when it goes on */
  walk(chunk: Uint8Array, from: number): number {
    let at = from
    while (at < chunk.length) {
      if (this.#skip > 0) {
        const skipped = Math.min(this.#skip, chunk.length - at)
        this.#skip -= skipped
        at += skipped
      } else this.#gather(chunk[at++] as number)
      if (this.#isLast && this.#skip === 0) {
        this.#isLast = false
        return at
      }
    }
    return at
  }

  #gather(byte: number): void {
    this.#value += byte * 256 ** this.#gathered++
    if (this.#gathered < NEXT_FIELD[this.#field]) return
    const value = this.#value
    this.#value = 0
    this.#gathered = 0
    this.#understand(value)
  }

  #understand(value: number): void {
    if (this.#field === 'magic') this.#field = fieldAfterMagic(value)
    else if (this.#field === 'descriptor') this.#begin(value)
    else if (this.#field === 'block header') this.#block(value)
    else this.#end(value)
  }

  #begin(descriptor: number): void {
    const isSingleSegment = (descriptor & 0x20) !== 0
    const contentSizeFlag = descriptor >> 6
    const contentSize = contentSizeFlag === 0 && isSingleSegment ? 1 : (CONTENT_SIZE_LENGTHS[contentSizeFlag] as number)
    this.#hasChecksum = (descriptor & 0x04) !== 0
    this.#skip = (isSingleSegment ? 0 : 1) + (DICTIONARY_ID_LENGTHS[descriptor & 0x03] as number) + contentSize
    this.#field = 'block header'
  }

  #block(header: number): void {
    const isLast = (header & 1) !== 0
    const length = ((header >> 1) & 0x03) === RLE_BLOCK ? 1 : header >> 3
    if (isLast) this.#end(length + (this.#hasChecksum ? 4 : 0))
    else this.#skip = length
  }

  #end(skip: number): void {
    this.#skip = skip
    this.#isLast = true
    this.#field = 'magic'
  }
}

function fieldAfterMagic(magic: number): 'descriptor' | 'skippable size' {
  if (magic === FRAME_MAGIC) return 'descriptor'
  // The last four bits are free.
  if (magic - (magic % 16) === SKIPPABLE_MAGIC) return 'skippable size'
  throw badArchive('a zstd blob', 'something other than a frame begins where a frame should')
}
