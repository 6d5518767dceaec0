import { directoryBlocks, directorySize } from './directory-blocks.ts'
import { BLOCK, INODE, roundUp } from './format.ts'
import { ImageDirectory, type ImageNode } from './image-node.ts'
import { xattrSize } from './xattrs.ts'

/** What belongs together on disk, in this order: all inodes, then what does not fit beside them. */
export interface Layout {
  readonly nodes: readonly ImageNode[]
  /** Bytes of it all. */
  readonly size: number
}

/**
 * Gives each inode its place in the metadata, and each directory's entries theirs behind the inodes.
 * @param start where in the image the metadata will be
 */
export function layOut(root: ImageDirectory, start: number): Layout {
  const nodes = [...reachable(root)]
  let at = INODE
  for (const node of nodes) at = placeInode(node, at)
  let position = start + roundUp(at, BLOCK)
  for (const node of nodes) {
    if (isBeside(node)) continue
    node.position = position
    position += roundUp(node.size, BLOCK)
  }
  return { nodes, size: position - start }
}

/** Whether all there is of it is beside its inode, or in the archive. */
export function isBeside(node: ImageNode): boolean {
  return !(node instanceof ImageDirectory) && (node.kind !== 'symlink' || isInline(node))
}

/** What is inline is in one block with its inode, which {@link layOut} sees to where it can be. */
export function isInline(node: ImageNode): boolean {
  return node.kind === 'symlink' && (node.at % BLOCK) + INODE + xattrSize(node) + node.size <= BLOCK
}

/** Bytes of an inode with what is behind it. */
export function inodeSize(node: ImageNode): number {
  return INODE + xattrSize(node) + (isInline(node) ? node.size : 0) + (node.chunks?.blocks.length ?? 0) * 4
}

function placeInode(node: ImageNode, at: number): number {
  node.at = at
  const whole = INODE + xattrSize(node) + node.size
  // Number 0 would be no inode, and so is never the first.
  if (node.kind === 'symlink' && whole <= BLOCK && !isInline(node)) node.at = roundUp(at, BLOCK)
  return roundUp(node.at + inodeSize(node), INODE)
}

/** Each inode once, whatever names it has; parents before children. */
function* reachable(root: ImageDirectory): Generator<ImageNode> {
  const directories = [root]
  const seen = new Set<ImageNode>()
  yield root
  for (const directory of directories) {
    const children = [...directory.entries.values()]
    const below = children.filter((child) => child instanceof ImageDirectory)
    directory.size = directorySize(directoryBlocks(directory))
    directory.links = 2 + below.length
    directories.push(...below)
    for (const child of children) {
      if (child.links > 1 && seen.has(child)) continue
      if (child.links > 1) seen.add(child)
      yield child
    }
  }
}
