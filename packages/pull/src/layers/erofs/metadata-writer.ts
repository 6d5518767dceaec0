import { directoryBlocks, writeDirectoryBlock } from './directory-blocks.ts'
import { BLOCK, chunkFormat, INODE, type Inode, writeInode } from './format.ts'
import { ImageDirectory, type ImageNode } from './image-node.ts'
import { inodeSize, isBeside, isInline } from './layout.ts'
import type { SequentialFile } from './sequential-file.ts'
import { writeXattrs, xattrSize } from './xattrs.ts'

/** Writes what has been laid out, inodes first. @param start where in the image the metadata is */
export function writeMetadata(nodes: readonly ImageNode[], start: number, file: SequentialFile): void {
  for (const [index, node] of nodes.entries())
    file.put(start + node.at, inodeSize(node), (target, at) => writeNode(node, index + 1, { target, at }))
  for (const node of nodes) {
    if (isBeside(node)) continue
    if (node instanceof ImageDirectory) writeEntries(node, file)
    else file.put(node.position, node.size, (target, at) => target.write(node.target, at, 'latin1'))
  }
}

function writeNode(node: ImageNode, serial: number, { target, at }: { readonly target: Buffer; readonly at: number }): void {
  const size = xattrSize(node)
  const behind = at + INODE + size
  writeInode(target, at, node, { ...contentOf(node), xattrSize: size, serial })
  if (size > 0) writeXattrs(node, target, at + INODE)
  if (isInline(node)) target.write(node.target, behind, 'latin1')
  for (const [index, block] of node.chunks?.blocks.entries() ?? []) target.writeUInt32LE(block, behind + index * 4)
}

function contentOf(node: ImageNode): Pick<Inode, 'layout' | 'location'> {
  if (node.chunks !== undefined) return { layout: 'chunks', location: chunkFormat(node.chunks.size) }
  if (isInline(node)) return { layout: 'inline', location: 0 }
  const isDevice = node.kind === 'character-device' || node.kind === 'block-device'
  return { layout: 'plain', location: isDevice ? node.device : node.position / BLOCK }
}

function writeEntries(directory: ImageDirectory, file: SequentialFile): void {
  for (const [index, entries] of directoryBlocks(directory).entries())
    file.put(directory.position + index * BLOCK, BLOCK, (target, at) => writeDirectoryBlock(entries, target, at))
}
