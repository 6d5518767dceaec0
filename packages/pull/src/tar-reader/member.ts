import type { FileTime } from '@gocker/kernel'
import { badArchive } from './bad-archive.ts'
import { NO_RECORDS, type PaxRecords, parsePaxTime } from './pax-records.ts'
import { paxXattrs } from './pax-xattrs.ts'
import { readPaxExtents } from './sparse-map.ts'
import { type ByteText, readable, type SparseExtent, type TarEntry, type TarEntryKind } from './tar-entry.ts'
import type { TarHeader } from './tar-header.ts'
import { readDecimal } from './tar-numbers.ts'

/** What the headers before a member's own said of it. */
export interface Extensions {
  pax?: PaxRecords
  /** GNU's `L` and `K`. */
  longName?: ByteText
  longLink?: ByteText
}

export interface Member {
  readonly entry: TarEntry
  /** Bytes that follow in the archive: other than the entry's size for sparse files. */
  readonly stored: number
}

const KINDS: Readonly<Record<string, TarEntryKind>> = {
  '0': 'file',
  '1': 'hard-link',
  '2': 'symlink',
  '3': 'character-device',
  '4': 'block-device',
  '5': 'directory',
  '6': 'fifo',
  // A contiguous file, and GNU's old sparse one.
  '7': 'file',
  S: 'file',
}

/**
 * Understands a header together with its extensions.
 * @throws {PullError} `BAD_ARCHIVE`
 */
export function memberOf(header: TarHeader, { pax = NO_RECORDS, longName, longLink }: Extensions): Member {
  const name = paxText(pax, 'GNU.sparse.name') ?? paxText(pax, 'path') ?? longName ?? header.name
  const kind = kindOf(header, name)
  const size = paxNumber(pax, 'size') ?? header.size
  checkSize(name, size)
  const link = kind === 'symlink' || kind === 'hard-link' ? (paxText(pax, 'linkpath') ?? longLink ?? header.link) : ''
  const extents = kind === 'file' ? paxExtents(pax) : undefined
  const entry: TarEntry = {
    kind,
    name: checkText(name),
    link: checkText(link),
    mode: header.mode,
    uid: checkId(name, paxNumber(pax, 'uid') ?? header.uid),
    gid: checkId(name, paxNumber(pax, 'gid') ?? header.gid),
    size: kind === 'file' ? (paxNumber(pax, 'GNU.sparse.realsize') ?? paxNumber(pax, 'GNU.sparse.size') ?? size) : 0,
    mtime: paxTime(pax) ?? { seconds: header.mtime, nanoseconds: 0 },
    major: header.major,
    minor: header.minor,
    xattrs: paxXattrs(pax),
    ...(extents !== undefined && { extents }),
  }
  // Links, directories and devices have no body, whatever their size field says: some writers put the linked file's size there.
  return { entry, stored: KINDS[header.type] === 'file' ? size : 0 }
}

/** Whether the map of a sparse file stands in its body, where only the reader can get it. */
export function isMapInBody({ pax = NO_RECORDS }: Extensions): boolean {
  return paxText(pax, 'GNU.sparse.major') === '1'
}

// Before ustar a directory was a file whose name ends in a slash.
function kindOf({ type }: TarHeader, name: ByteText): TarEntryKind {
  const kind = KINDS[type]
  if (kind === undefined) throw badArchive(`tar entry ${JSON.stringify(readable(name))}`, `type ${JSON.stringify(type)} is no file's`)
  return kind === 'file' && name.endsWith('/') ? 'directory' : kind
}

function paxExtents(pax: PaxRecords): SparseExtent[] | undefined {
  if (pax.sparseNumbers.length === 0 && !pax.values.has('GNU.sparse.map')) return undefined
  return readPaxExtents(pax)
}

function paxText({ values }: PaxRecords, key: string): ByteText | undefined {
  const value = values.get(key)
  return value === undefined || value.length === 0 ? undefined : value.toString('latin1')
}

function paxNumber(pax: PaxRecords, key: string): number | undefined {
  const text = paxText(pax, key)
  return text === undefined ? undefined : readDecimal(text, `PAX record ${key}`)
}

function paxTime(pax: PaxRecords): FileTime | undefined {
  const text = paxText(pax, 'mtime')
  return text === undefined ? undefined : parsePaxTime(text)
}

function checkSize(name: ByteText, size: number): void {
  if (size < 0) throw badArchive(`tar entry ${JSON.stringify(readable(name))}`, `its size is ${size}`)
}

// The highest id means "leave it as it is" to chown(2).
function checkId(name: ByteText, id: number): number {
  if (id >= 0 && id < 0xffff_ffff) return id
  throw badArchive(`tar entry ${JSON.stringify(readable(name))}`, `there is no owner ${id}`)
}

function checkText(text: ByteText): ByteText {
  if (!text.includes('\0')) return text
  throw badArchive(`tar entry ${JSON.stringify(readable(text))}`, 'a name has a NUL inside')
}
