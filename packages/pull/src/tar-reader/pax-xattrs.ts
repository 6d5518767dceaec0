import type { PaxRecords } from './pax-records.ts'

const SCHILY = 'SCHILY.xattr.'
const LIBARCHIVE = 'LIBARCHIVE.xattr.'

/**
 * Extended attributes, as star, GNU tar and docker write them (`SCHILY.xattr.<name>`, the bytes themselves), and as bsdtar does
 * (`LIBARCHIVE.xattr.<url-encoded name>`, base64). Where both are there they say the same.
 */
export function paxXattrs({ values }: PaxRecords): ReadonlyMap<string, Buffer> {
  const xattrs = new Map<string, Buffer>()
  for (const [key, value] of values) {
    const xattr = readXattr(key, value)
    if (xattr !== undefined) xattrs.set(...xattr)
  }
  return xattrs
}

function readXattr(key: string, value: Buffer): [name: string, value: Buffer] | undefined {
  // GNU tar escapes the two characters that a key cannot have.
  if (key.startsWith(SCHILY)) return [key.slice(SCHILY.length).replace(/%3D/g, '=').replace(/%25/g, '%'), value]
  if (key.startsWith(LIBARCHIVE)) return [decodeName(key.slice(LIBARCHIVE.length)), Buffer.from(value.toString('latin1'), 'base64')]
  return undefined
}

function decodeName(name: string): string {
  const bytes = name.replace(/%([0-9a-fA-F]{2})/g, (_, hex) => String.fromCharCode(Number.parseInt(hex, 16)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
