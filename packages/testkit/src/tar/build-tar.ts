import type { TarEntry, TarPart } from './entry.ts'
import { extendedEntries } from './extensions.ts'
import { BLOCK, encodeHeader, type Header, padded, TYPE_FLAGS } from './header.ts'
import { encodePax } from './pax.ts'
import { sparseParts } from './sparse.ts'

export interface TarOptions {
  /** Blocks of zeros at the end; 2 as it should be. */
  readonly endBlocks?: number
}

/**
 * A tar of anything a test can think of. Nothing is checked: names, sizes and types are written as given.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_06
 */
export function buildTar(parts: readonly TarPart[], { endBlocks = 2 }: TarOptions = {}): Buffer {
  return Buffer.concat([...parts.flatMap(encodePart), Buffer.alloc(BLOCK * endBlocks)])
}

function encodePart(part: TarPart): Uint8Array[] {
  if ('raw' in part) return [part.raw]
  if ('globalPax' in part) return encodePax('g', part.globalPax)
  return encodeEntry(part)
}

function encodeEntry(entry: TarEntry): Uint8Array[] {
  const sparse = entry.sparse === undefined ? undefined : sparseParts(entry.name, entry.sparse)
  const content = sparse?.content ?? Buffer.from(entry.content ?? '')
  const header: Header = { ...headerOf(entry, entry.size ?? content.length), ...sparse?.header }
  const { fitting, before } = extendedEntries(header, entry, sparse?.pax ?? [])
  return [...before, encodeHeader(fitting, entry), ...(sparse?.moreHeaders ?? []), padded(content)]
}

function headerOf(entry: TarEntry, size: number): Header {
  const type = typeFlag(entry)
  const mode = entry.mode ?? (type === '5' ? 0o755 : type === '2' ? 0o777 : 0o644)
  const { seconds, nanoseconds } = typeof entry.mtime === 'object' ? entry.mtime : splitTime(entry.mtime ?? 0)
  return {
    name: Buffer.from(entry.name),
    link: Buffer.from(entry.link ?? ''),
    type,
    numbers: { mode, uid: entry.uid ?? 0, gid: entry.gid ?? 0, size, mtime: seconds, ...entry.device },
    nanoseconds,
    uname: entry.uname ?? '',
    gname: entry.gname ?? '',
    format: entry.format ?? 'pax',
  }
}

function splitTime(time: number): { seconds: number; nanoseconds: number } {
  const seconds = Math.floor(time)
  return { seconds, nanoseconds: Math.round((time - seconds) * 1e9) }
}

function typeFlag({ type, name, sparse }: TarEntry): string {
  if (sparse?.form === 'gnu-old') return 'S'
  const isDirectory = Buffer.from(name).at(-1) === '/'.charCodeAt(0)
  const flag = type ?? (isDirectory ? 'directory' : 'file')
  return TYPE_FLAGS[flag as keyof typeof TYPE_FLAGS] ?? flag
}
