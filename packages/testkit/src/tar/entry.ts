/** How what does not fit into an old header is said: not at all, by POSIX's extended headers, or by GNU's own entries and base-256 numbers. */
export type TarFormat = 'v7' | 'ustar' | 'pax' | 'gnu'

export type TarEntryType = 'file' | 'old-file' | 'contiguous' | 'hardlink' | 'symlink' | 'character' | 'block' | 'directory' | 'fifo'

/** Keyword and value; the list form keeps an order and may repeat a keyword. */
export type PaxRecords = Readonly<Record<string, string | Uint8Array>> | readonly (readonly [keyword: string, value: string | Uint8Array])[]

export interface TarEntry {
  /** Written as it is, however evil; bytes where it is not UTF-8. */
  readonly name: string | Uint8Array
  /** Left out: a directory when the name ends in a slash, else a file. One character is taken as the type flag itself. */
  readonly type?: TarEntryType | (string & {})
  /** 0o755 for directories, 0o777 for symlinks, else 0o644. */
  readonly mode?: number
  readonly uid?: number
  readonly gid?: number
  readonly uname?: string
  readonly gname?: string
  /** Seconds since 1970; may be negative. */
  readonly mtime?: number | { readonly seconds: number; readonly nanoseconds: number }
  readonly link?: string | Uint8Array
  readonly content?: string | Uint8Array
  /** What the header says, where it shall lie about the content's length. */
  readonly size?: number
  readonly device?: { readonly major: number; readonly minor: number }
  /** As records `SCHILY.xattr.<name>`. */
  readonly xattrs?: Readonly<Record<string, string | Uint8Array>>
  /** More records of the extended header. */
  readonly pax?: PaxRecords
  /** Instead of `content`. */
  readonly sparse?: Sparse
  /** pax, unless said otherwise. */
  readonly format?: TarFormat
  /** Writes every number of the header in base 256, small ones too. */
  readonly base256?: boolean
  /** Changes the header's 512 bytes; the checksum is reckoned afterwards. */
  readonly editHeader?: (header: Buffer) => void
  readonly wrongChecksum?: boolean
}

/** @see https://www.gnu.org/software/tar/manual/html_section/Sparse-Formats.html */
export interface Sparse {
  readonly form: 'gnu-old' | 'pax-0.0' | 'pax-0.1' | 'pax-1.0'
  /** Of the file, with its holes. */
  readonly size: number
  /** What is not a hole, in order. */
  readonly regions: readonly { readonly offset: number; readonly content: string | Uint8Array }[]
}

export type TarPart =
  | TarEntry
  /** Bytes written as they are. */
  | { readonly raw: Uint8Array }
  /** A global extended header. */
  | { readonly globalPax: PaxRecords }
