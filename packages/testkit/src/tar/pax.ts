import type { PaxRecords } from './entry.ts'
import { encodeHeader, padded } from './header.ts'

export type PaxPair = readonly [keyword: string, value: string | Uint8Array]

export function paxPairs(records: PaxRecords): readonly PaxPair[] {
  return Array.isArray(records) ? (records as readonly PaxPair[]) : Object.entries(records as Record<string, string | Uint8Array>)
}

/** An extended header (`x`, or `g` for all entries that follow): its own header block and its records. */
export function encodePax(type: 'x' | 'g', records: PaxRecords): Buffer[] {
  const content = Buffer.concat(paxPairs(records).map(encodeRecord))
  const header = encodeHeader({
    name: Buffer.from(type === 'x' ? './PaxHeaders/entry' : './GlobalHead'),
    link: Buffer.alloc(0),
    type,
    numbers: { mode: 0o644, uid: 0, gid: 0, size: content.length, mtime: 0 },
    nanoseconds: 0,
    uname: '',
    gname: '',
    format: 'pax',
  })
  return [header, padded(content)]
}

/** `<length> <keyword>=<value>\n`, where the length counts its own digits. */
function encodeRecord([keyword, value]: PaxPair): Buffer {
  const rest = Buffer.concat([Buffer.from(` ${keyword}=`), Buffer.from(value), Buffer.from('\n')])
  let length = rest.length
  while (String(length).length + rest.length !== length) length = String(length).length + rest.length
  return Buffer.concat([Buffer.from(String(length)), rest])
}
