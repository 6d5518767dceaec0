import type { FileTime } from '@gocker/kernel'
import { type ByteText, byteText, type TarEntry } from '../tar-reader/tar-entry.ts'
import { FIELDS, largest } from '../tar-reader/tar-header.ts'

type PaxRecord = readonly [key: ByteText, value: ByteText]

/** What a ustar header cannot say of an entry, in one fixed order. */
export function paxRecordsOf({ name, link, uid, gid, size, mtime, xattrs }: TarEntry): PaxRecord[] {
  const records: PaxRecord[] = []
  if (name.length > FIELDS.name[1]) records.push(['path', name])
  if (link.length > FIELDS.link[1]) records.push(['linkpath', link])
  if (size > largest('size')) records.push(['size', String(size)])
  if (uid > largest('uid')) records.push(['uid', String(uid)])
  if (gid > largest('gid')) records.push(['gid', String(gid)])
  if (mtime.nanoseconds !== 0 || mtime.seconds < 0 || mtime.seconds > largest('mtime')) records.push(['mtime', formatTime(mtime)])
  for (const xattr of [...xattrs.keys()].sort()) records.push([xattrKey(xattr), (xattrs.get(xattr) as Buffer).toString('latin1')])
  return records
}

/** `<length> <key>=<value>\n`, where the length counts its own digits. */
export function encodePax(records: readonly PaxRecord[]): Buffer {
  return Buffer.from(records.map(encodeRecord).join(''), 'latin1')
}

function encodeRecord([key, value]: PaxRecord): ByteText {
  const rest = ` ${key}=${value}\n`
  let length = rest.length
  while (length !== rest.length + String(length).length) length = rest.length + String(length).length
  return `${length}${rest}`
}

// GNU tar's escapes for the two characters that would end the key too early.
function xattrKey(name: string): ByteText {
  return byteText(`SCHILY.xattr.${name.replace(/%/g, '%25').replace(/=/g, '%3D')}`)
}

function formatTime({ seconds, nanoseconds }: FileTime): string {
  const whole = Number(seconds)
  if (nanoseconds === 0) return String(whole)
  // The nanoseconds count up from the second before: -1.5 s is -2 s and 500,000,000 ns.
  const isBefore = whole < 0
  const fraction = String(isBefore ? 1e9 - nanoseconds : nanoseconds).padStart(9, '0')
  return `${isBefore ? `-${-(whole + 1)}` : whole}.${fraction.replace(/0+$/, '')}`
}
