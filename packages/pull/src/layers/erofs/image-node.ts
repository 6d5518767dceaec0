import type { FileTime } from '@gocker/kernel'
import type { ByteText } from '../../tar-reader/tar-entry.ts'

export type NodeKind = 'file' | 'directory' | 'symlink' | 'character-device' | 'block-device' | 'fifo'

/** Content of a sparse file that is somewhere in the image. Bytes. */
export interface Piece {
  readonly offset: number
  readonly length: number
  /** In the image. */
  readonly position: number
}

/** A file with holes, cut into equal chunks. */
export interface Chunks {
  /** Bytes, a power of two. */
  readonly size: number
  /** The first block of each, or `HOLE`. */
  readonly blocks: Uint32Array
}

export interface Attributes {
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly mtime: FileTime
}

/** A file of the tree that becomes an image: an inode with what its layout comes to. */
export class ImageNode {
  readonly kind: NodeKind
  attributes: Attributes
  xattrs: readonly (readonly [name: string, value: Buffer])[] = []
  /** How many names it has; of a directory, its own and those of its children for it. */
  links = 0
  /** Bytes of a file, a symlink, or a directory's entries. */
  size = 0
  /** Where a file's content, or what does not fit beside the inode, begins in the image. */
  position = 0
  /** Of a device, as the kernel encodes it. */
  device = 0
  /** Where a symlink points. */
  target: ByteText = ''
  /** Of a file with holes. */
  pieces: Piece[] | undefined
  chunks: Chunks | undefined
  /** Where in the metadata the inode is; -1 as long as it has no place. */
  at = -1

  constructor(kind: NodeKind, attributes: Attributes) {
    this.kind = kind
    this.attributes = attributes
  }
}

export class ImageDirectory extends ImageNode {
  readonly entries = new Map<ByteText, ImageNode>()
  /** The root is its own. */
  readonly parent: ImageDirectory
  readonly name: ByteText

  constructor(attributes: Attributes, place?: { readonly parent: ImageDirectory; readonly name: ByteText }) {
    super('directory', attributes)
    this.parent = place?.parent ?? this
    this.name = place?.name ?? ''
  }

  /** Without symlinks; the empty text for the root. */
  get path(): ByteText {
    return this.parent === this ? '' : `${this.parent.path}/${this.name}`
  }
}
