import type { TarEntry } from './entry.ts'
import { encodeHeader, fitsOctal, type Header, type NumberField, padded } from './header.ts'
import { encodePax, type PaxPair, paxPairs } from './pax.ts'

export interface Extended {
  /** The header with what did not fit taken out. */
  readonly fitting: Header
  /** What is written before it to say that. */
  readonly before: readonly Buffer[]
}

/** What of an entry does not fit into its header is said by entries before it, as its format does. */
export function extendedEntries(header: Header, entry: TarEntry, sparsePax: readonly PaxPair[]): Extended {
  const own = [...sparsePax, ...Object.entries(entry.xattrs ?? {}).map(xattrPair), ...paxPairs(entry.pax ?? [])]
  const { fitting, pairs, before } = byFormat(header, entry.base256 === true)
  const records = [...pairs, ...own]
  return { fitting, before: [...(records.length > 0 ? encodePax('x', records) : []), ...before] }
}

interface Fitted {
  readonly fitting: Header
  readonly pairs: readonly PaxPair[]
  readonly before: readonly Buffer[]
}

function byFormat(header: Header, base256: boolean): Fitted {
  if (header.format === 'gnu') return { fitting: header, pairs: [], before: gnuLongNames(header) }
  const split = splitName(header)
  if (header.format !== 'pax') return { fitting: split ?? header, pairs: [], before: [] }
  const large = base256 ? [] : tooLarge(header)
  const zeros = Object.fromEntries(large.map(([field]) => [field, 0]))
  const time = `${header.numbers.mtime ?? 0}.${String(header.nanoseconds).padStart(9, '0')}`
  return {
    fitting: { ...(split ?? header), numbers: { ...header.numbers, ...zeros } },
    pairs: [
      ...(split === undefined ? [['path', header.name] as const] : []),
      ...(header.link.length > 100 ? [['linkpath', header.link] as const] : []),
      ...large.filter(([field]) => field !== 'mtime').map(([field, value]) => [field, String(value)] as const),
      ...(header.nanoseconds !== 0 || zeros.mtime === 0 ? [['mtime', exactTime(header, time)] as const] : []),
    ],
    before: [],
  }
}

/** A time before 1970 with a fraction counts back from zero: 0.5 s before 1970 is -0.5, that is -1 s and 500000000 ns. */
function exactTime({ numbers: { mtime = 0 }, nanoseconds }: Header, positive: string): string {
  if (mtime >= 0 || nanoseconds === 0) return positive
  return `-${-mtime - 1}.${String(1e9 - nanoseconds).padStart(9, '0')}`
}

function tooLarge({ numbers }: Header): [NumberField, number][] {
  return (Object.entries(numbers) as [NumberField, number][]).filter(([field, value]) => !fitsOctal(field, value))
}

/** A name of more than 100 bytes is parted at a slash; `undefined` where that cannot be. */
function splitName(header: Header): Header | undefined {
  if (header.name.length <= 100) return header
  const slash = header.name.indexOf('/', header.name.length - 101)
  if (slash <= 0 || slash > 155 || slash === header.name.length - 1) return undefined
  return { ...header, prefix: header.name.subarray(0, slash), name: header.name.subarray(slash + 1) }
}

function gnuLongNames(header: Header): Buffer[] {
  return [
    ...(header.name.length > 100 ? gnuLongName('L', header.name) : []),
    ...(header.link.length > 100 ? gnuLongName('K', header.link) : []),
  ]
}

function gnuLongName(type: 'L' | 'K', text: Buffer): Buffer[] {
  const content = Buffer.concat([text, Buffer.alloc(1)])
  const name = Buffer.from('././@LongLink')
  const numbers = { mode: 0, uid: 0, gid: 0, size: content.length, mtime: 0 }
  const header: Header = { name, link: Buffer.alloc(0), type, numbers, nanoseconds: 0, uname: '', gname: '', format: 'gnu' }
  return [encodeHeader(header), padded(content)]
}

function xattrPair([name, value]: [string, string | Uint8Array]): PaxPair {
  return [`SCHILY.xattr.${name}`, value]
}
