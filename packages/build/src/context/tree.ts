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
  /** Milliseconds since 1970, as exact as a number is. */
  readonly mtime: number
  /** Of a symlink. */
  readonly target?: string
  /** Of a device: major and minor. */
  readonly device?: readonly [major: number, minor: number]
  /** Same for names of one file: device and inode. */
  readonly identity?: string
  /** As long as it is the same, so is the content. */
  readonly version: FileVersion
}

/** @see inode(7) */
export interface FileVersion {
  readonly device: number
  readonly inode: number
  /** Time of the last change of anything about the file, which nobody can set: milliseconds since 1970. */
  readonly changed: number
}

/** Files that COPY and ADD may take: a context, or the file system of a stage or image. */
export interface SourceTree {
  /** `''` is the root; `undefined` for what is not there or is left out. */
  entry(path: string): TreeEntry | undefined
  /** The names in a directory, sorted. */
  names(directory: string): readonly string[]
}

/** `path` and all below it that is in the tree, parents before children, sorted by their names. */
export function walk(tree: SourceTree, path: string): TreeEntry[] {
  const entries: TreeEntry[] = []
  visit(tree, path, entries)
  return entries
}

function visit(tree: SourceTree, path: string, entries: TreeEntry[]): void {
  const entry = tree.entry(path)
  if (entry === undefined) return
  entries.push(entry)
  if (entry.type !== 'directory') return
  for (const name of tree.names(path)) visit(tree, path === '' ? name : `${path}/${name}`, entries)
}
