import type { FileTime } from '@gocker/kernel'

/**
 * A text as its bytes: one character, U+0000 to U+00FF, for each byte. A name on Linux is bytes; so none is lost, `<` compares bytes, and
 * the usual ASCII name is simply itself. {@link filePath} makes it a path for a call, {@link readable} a text for people.
 */
export type ByteText = string

export type TarEntryKind = 'file' | 'directory' | 'symlink' | 'hard-link' | 'character-device' | 'block-device' | 'fifo'

export interface TarEntry {
  readonly kind: TarEntryKind
  /** As it stands in the archive: `./usr/`, `/etc/passwd`, even `../x`. */
  readonly name: ByteText
  /** Where a symlink points, or the entry that a hard link is another name of. */
  readonly link: ByteText
  /** Permissions, with setuid, setgid and sticky bits. */
  readonly mode: number
  readonly uid: number
  readonly gid: number
  /** Bytes of a file's content, holes included. */
  readonly size: number
  readonly mtime: FileTime
  readonly major: number
  readonly minor: number
  readonly xattrs: ReadonlyMap<string, Buffer>
  /** A file's content between its holes; undefined for a file without any. */
  readonly extents?: readonly SparseExtent[]
}

export interface SparseExtent {
  readonly offset: number
  readonly length: number
}

/** What a reader tells, in the archive's order: `entry`, and for a file its `data` and one `end`. */
export interface TarSink {
  entry(entry: TarEntry): void
  /** `memory[start..end)` is the file's content at `offset`. The memory is the reader's caller's: it is used again after the call. */
  data(memory: Buffer, start: number, end: number, offset: number): void
  end(): void
}

/** What to pass for a path: a name that is not ASCII goes as its bytes. */
export function filePath(name: ByteText): string | Buffer {
  const isAscii = Buffer.byteLength(name) === name.length
  return isAscii ? name : Buffer.from(name, 'latin1')
}

export function readable(name: ByteText): string {
  return Buffer.from(name, 'latin1').toString('utf8')
}

export function byteText(text: string): ByteText {
  return Buffer.from(text).toString('latin1')
}
