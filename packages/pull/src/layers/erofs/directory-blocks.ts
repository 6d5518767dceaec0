import type { ByteText } from '../../tar-reader/tar-entry.ts'
import { BLOCK, entryType, inodeNumber } from './format.ts'
import type { ImageDirectory, ImageNode } from './image-node.ts'

const ENTRY = 12

type Named = readonly [name: ByteText, node: ImageNode]

/** The entries of a directory, by blocks: sorted by the bytes of their names, `.` and `..` among them. */
export function directoryBlocks(directory: ImageDirectory): Named[][] {
  const all: Named[] = [['.', directory], ['..', directory.parent], ...directory.entries]
  all.sort(([a], [b]) => (a < b ? -1 : 1))
  const blocks: Named[][] = []
  let used = BLOCK
  for (const named of all) {
    const length = ENTRY + named[0].length
    if (used + length > BLOCK) {
      blocks.push([])
      used = 0
    }
    blocks.at(-1)?.push(named)
    used += length
  }
  return blocks
}

/** Bytes: the last block counts as far as it is used. */
export function directorySize(blocks: readonly (readonly Named[])[]): number {
  const last = blocks.at(-1) ?? []
  return (blocks.length - 1) * BLOCK + last.reduce((sum, [name]) => sum + ENTRY + name.length, 0)
}

/** @param target a block of zeros: entries of one length first, then the names */
export function writeDirectoryBlock(entries: readonly Named[], target: Buffer, at: number): void {
  let nameAt = entries.length * ENTRY
  for (const [index, [name, node]] of entries.entries()) {
    const entry = at + index * ENTRY
    target.writeUInt32LE(inodeNumber(node), entry)
    target.writeUInt16LE(nameAt, entry + 8)
    target[entry + 10] = entryType(node)
    nameAt += target.write(name, at + nameAt, 'latin1')
  }
}
