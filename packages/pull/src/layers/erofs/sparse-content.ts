import { readSync } from 'node:fs'
import { badArchive } from '../../tar-reader/bad-archive.ts'
import { BLOCK, HOLE, MOST_BLOCKS, roundUp } from './format.ts'
import type { Chunks, ImageNode, Piece } from './image-node.ts'
import { writeAll } from './sequential-file.ts'

const SMALLEST_CHUNK = 4096
/** The map of a file, four bytes for each, is kept beside its inode. */
const MOST_CHUNKS = 8192
const BUFFER = 1 << 18

/**
 * An archive has the pieces of a sparse file one behind the other, wherever that is: they are copied to where chunks begin.
 * @param end of the image until now
 * @returns its end from now on
 */
export function placeSparse(fd: number, node: ImageNode, end: number): number {
  const { size, pieces = [] } = node
  const chunks = emptyChunks(size)
  let free = roundUp(end, SMALLEST_CHUNK)
  for (const part of pieces.flatMap((piece) => splitAt(piece, chunks.size))) {
    const index = Math.floor(part.offset / chunks.size)
    if (chunks.blocks[index] === HOLE) {
      chunks.blocks[index] = blockAt(free)
      free += Math.min(chunks.size, roundUp(size - index * chunks.size, BLOCK))
      blockAt(free)
    }
    copyWithin(fd, part, (chunks.blocks[index] as number) * BLOCK + (part.offset % chunks.size))
  }
  node.chunks = chunks
  return free
}

/** @throws {PullError} `BAD_ARCHIVE` where no image can be so large */
export function blockAt(position: number): number {
  const block = position / BLOCK
  if (block > MOST_BLOCKS) throw badArchive('a tar archive', 'as an image the layer is larger than 2 TiB')
  return block
}

function emptyChunks(fileSize: number): Chunks {
  let size = SMALLEST_CHUNK
  while (Math.ceil(fileSize / size) > MOST_CHUNKS) size *= 2
  return { size, blocks: new Uint32Array(Math.ceil(fileSize / size)).fill(HOLE) }
}

function splitAt({ offset, length, position }: Piece, chunkSize: number): Piece[] {
  const parts: Piece[] = []
  for (let done = 0; done < length; ) {
    const taken = Math.min(length - done, chunkSize - ((offset + done) % chunkSize))
    parts.push({ offset: offset + done, length: taken, position: position + done })
    done += taken
  }
  return parts
}

function copyWithin(fd: number, { position, length }: Piece, to: number): void {
  const buffer = Buffer.allocUnsafe(Math.min(length, BUFFER))
  for (let done = 0; done < length; ) {
    const read = readSync(fd, buffer, 0, Math.min(buffer.length, length - done), position + done)
    writeAll(fd, buffer.subarray(0, read), to + done)
    done += read
  }
}
