import { ftruncateSync } from 'node:fs'
import type { TarEntry, TarSink } from '../../tar-reader/tar-entry.ts'
import { writingEntry } from '../writing-entry.ts'
import { CONTENT, encodeHead, roundUp } from './format.ts'
import { ImageEntries } from './image-entries.ts'
import type { Attributes, ImageNode } from './image-node.ts'
import { layOut } from './layout.ts'
import { writeMetadata } from './metadata-writer.ts'
import { SequentialFile, writeAll } from './sequential-file.ts'
import { blockAt, placeSparse } from './sparse-content.ts'

const PAGE = 4096

/**
 * Makes an EROFS image of a layer's archive without unpacking it: the archive itself is the content, and what its entries say of it is written
 * behind it. An image without its head, which comes last, is none.
 * @see https://docs.kernel.org/filesystems/erofs.html
 */
export class ImageWriter implements TarSink {
  readonly #fd: number
  readonly #entries = new ImageEntries()
  readonly #sparse: ImageNode[] = []
  #end = CONTENT
  // Where in the image the memory is that the archive is read from.
  #memoryAt = CONTENT
  #file: ImageNode | undefined

  /** @param fd of an empty file, to be written and read */
  constructor(fd: number) {
    this.#fd = fd
  }

  /** Takes the bytes of the archive, before they are read. */
  take(bytes: Buffer): void {
    writingEntry('./', () => writeAll(this.#fd, bytes, this.#end))
    this.#memoryAt = this.#end
    this.#end += bytes.length
  }

  entry(entry: TarEntry): void {
    this.#file = this.#entries.add(entry)
    if (this.#file?.pieces !== undefined && this.#file.size > 0) this.#sparse.push(this.#file)
  }

  data(_memory: Buffer, start: number, end: number, offset: number): void {
    const file = this.#file
    const position = this.#memoryAt + start
    if (file?.pieces !== undefined) file.pieces.push({ offset, length: end - start, position })
    else if (file !== undefined && offset === 0) file.position = position
  }

  end(): void {
    this.#file = undefined
  }

  /** @returns the count of entries, and what the root looks like */
  finish(): { entries: number; root: Attributes } {
    const root = this.#entries.finish()
    writingEntry('./', () => {
      for (const node of this.#sparse) if (node.links > 0) this.#end = placeSparse(this.#fd, node, this.#end)
      const start = roundUp(this.#end, PAGE)
      const { nodes, size } = layOut(root, start)
      const end = roundUp(start + size, PAGE)
      const rest = new SequentialFile(this.#fd, start)
      writeMetadata(nodes, start, rest)
      rest.flush()
      const place = { blocks: blockAt(end), metadataBlock: blockAt(start) }
      const hasChunks = nodes.some(({ chunks }) => chunks !== undefined)
      writeAll(this.#fd, encodeHead({ inodes: nodes.length, ...place, root, hasChunks }), 0)
      ftruncateSync(this.#fd, end)
    })
    return { entries: this.#entries.count, root: root.attributes }
  }
}
