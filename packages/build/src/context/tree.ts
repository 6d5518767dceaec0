/** What is known of a file without opening it. */
export interface TreeEntry {
  /** Relative to the tree's root, with /. */
  readonly path: string
  readonly type: 'file' | 'directory' | 'symlink' | 'fifo' | 'character' | 'block' | 'socket'
  /** Permission bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes. */
  readonly size: number
  /** Nanoseconds since 1970. */
  readonly mtime: bigint
  /** Of a symlink. */
  readonly target?: string
  /** Of a device: major and minor. */
  readonly device?: readonly [major: number, minor: number]
  /** Same for names of one file: device and inode. */
  readonly identity?: string
  /** Of a file: as long as it is the same, so is the content. */
  readonly version?: FileVersion
}

/** @see inode(7) */
export interface FileVersion {
  readonly device: bigint
  readonly inode: bigint
  /** Time of the last change of anything about the file, which nobody can set: nanoseconds since 1970. */
  readonly changed: bigint
}

/** Files that COPY and ADD may take: a context, or the file system of a stage or image. */
export interface SourceTree {
  /** `''` is the root; `undefined` for what is not there or is left out. */
  entry(path: string): TreeEntry | undefined
  /** The names in a directory, sorted. */
  names(directory: string): readonly string[]
}

/** `path` and all below it that is in the tree, parents before children, sorted by their bytes. */
export function* walk(tree: SourceTree, path: string): Generator<TreeEntry> {
  const entry = tree.entry(path)
  if (entry === undefined) return
  yield entry
  if (entry.type !== 'directory') return
  for (const name of tree.names(path)) yield* walk(tree, path === '' ? name : `${path}/${name}`)
}
