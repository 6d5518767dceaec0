import { randomFillSync } from 'node:crypto'
import type { ImageNode, NodeKind } from './image-node.ts'

/*
 * EROFS on disk, as much of it as a layer needs: blocks of 512 bytes, so that the content of a tar's files is where blocks begin; extended inodes,
 * which have 32-bit owners and a time each.
 * @see https://docs.kernel.org/filesystems/erofs.html, fs/erofs/erofs_fs.h
 */

export const BLOCK = 512
/** Of an extended inode; inodes begin at multiples of it, so that none crosses a block. */
export const INODE = 64
/** An inode's number is its place in the metadata, in these. */
const SLOT = 32
/** Where the content of the image begins, behind the superblock. */
export const CONTENT = 4096
/** With 32 bits for a block's number. */
export const MOST_BLOCKS = 0xffff_ffff
/** A chunk of a file that is all hole. */
export const HOLE = 0xffff_ffff

const LAYOUTS = { plain: 0, inline: 2, chunks: 4 } as const

const SUPERBLOCK = { offset: 1024, magic: 0xe0f5e1e2 }
/** Any: overlayfs knows by it which of several images a file comes from. */
const UUID = { offset: 48, length: 16 }
const COMPATIBLE_MTIME = 0x2
const INCOMPATIBLE_CHUNKS = 0x4
const BLOCK_BITS = 9
const EXTENDED = 1

const TYPES: Readonly<Record<NodeKind, { readonly mode: number; readonly entry: number }>> = {
  file: { mode: 0o100_000, entry: 1 },
  directory: { mode: 0o040_000, entry: 2 },
  'character-device': { mode: 0o020_000, entry: 3 },
  'block-device': { mode: 0o060_000, entry: 4 },
  fifo: { mode: 0o010_000, entry: 5 },
  symlink: { mode: 0o120_000, entry: 7 },
}

export interface Superblock {
  readonly inodes: number
  readonly blocks: number
  /** The block where inodes begin. */
  readonly metadataBlock: number
  readonly root: ImageNode
  readonly hasChunks: boolean
}

/** All that is before the content. */
export function encodeHead({ inodes, blocks, metadataBlock, root, hasChunks }: Superblock): Buffer {
  const head = Buffer.alloc(CONTENT)
  const { offset, magic } = SUPERBLOCK
  head.writeUInt32LE(magic, offset)
  head.writeUInt32LE(COMPATIBLE_MTIME, offset + 8)
  head[offset + 12] = BLOCK_BITS
  head.writeUInt16LE(inodeNumber(root), offset + 14)
  head.writeBigUInt64LE(BigInt(inodes), offset + 16)
  head.writeUInt32LE(blocks, offset + 36)
  head.writeUInt32LE(metadataBlock, offset + 40)
  randomFillSync(head, offset + UUID.offset, UUID.length)
  head.writeUInt32LE(hasChunks ? INCOMPATIBLE_CHUNKS : 0, offset + 80)
  return head
}

export interface Inode {
  readonly layout: keyof typeof LAYOUTS
  /** Of the extended attributes behind the inode; 0 for none. */
  readonly xattrSize: number
  /** The number of the content's first block, a device, or how chunks are cut. */
  readonly location: number
  /** For programs that know only 32 bits of a number. */
  readonly serial: number
}

export function writeInode(target: Buffer, at: number, node: ImageNode, { layout, xattrSize, location, serial }: Inode): void {
  const { mode, uid, gid, mtime } = node.attributes
  target.writeUInt16LE(EXTENDED | (LAYOUTS[layout] << 1), at)
  target.writeUInt16LE(xattrSize === 0 ? 0 : (xattrSize - 12) / 4 + 1, at + 2)
  target.writeUInt16LE(TYPES[node.kind].mode | mode, at + 4)
  target.writeBigUInt64LE(BigInt(node.size), at + 8)
  target.writeUInt32LE(location, at + 16)
  target.writeUInt32LE(serial, at + 20)
  target.writeUInt32LE(uid, at + 24)
  target.writeUInt32LE(gid, at + 28)
  target.writeBigInt64LE(BigInt(mtime.seconds), at + 32)
  target.writeUInt32LE(mtime.nanoseconds, at + 40)
  target.writeUInt32LE(node.links, at + 44)
}

export function inodeNumber({ at }: ImageNode): number {
  return at / SLOT
}

/** The kind of a file, as directories say it. */
export function entryType({ kind }: ImageNode): number {
  return TYPES[kind].entry
}

/** How a file is cut into chunks of `size` bytes, a power of two. */
export function chunkFormat(size: number): number {
  return Math.log2(size) - BLOCK_BITS
}

export function roundUp(value: number, unit: number): number {
  return Math.ceil(value / unit) * unit
}
