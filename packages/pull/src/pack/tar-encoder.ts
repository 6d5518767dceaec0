import type { ByteText, TarEntry, TarEntryKind } from '../tar-reader/tar-entry.ts'
import { BLOCK_SIZE, FIELDS, largest } from '../tar-reader/tar-header.ts'
import { encodePax, paxRecordsOf } from './pax-encoder.ts'

const TYPES: Readonly<Record<TarEntryKind, string>> = {
  file: '0',
  'hard-link': '1',
  symlink: '2',
  'character-device': '3',
  'block-device': '4',
  directory: '5',
  fifo: '6',
}
const USTAR = 'ustar\x0000'
const EXTENSION_MODE = 0o644

/**
 * The blocks that stand before an entry's content: a ustar header, and a PAX header before it when ustar cannot say it all. No names of
 * owners: they are the host's.
 * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html
 */
export function encodeEntry(entry: TarEntry): Buffer {
  const records = paxRecordsOf(entry)
  const header = encodeHeader(TYPES[entry.kind], entry)
  return records.length === 0 ? header : Buffer.concat([...encodeExtension(entry.name, encodePax(records)), header])
}

function encodeExtension(name: ByteText, records: Buffer): Buffer[] {
  const header = encodeHeader('x', {
    name: `PaxHeaders/${name.slice(name.lastIndexOf('/', name.length - 2) + 1)}`,
    link: '',
    mode: EXTENSION_MODE,
    uid: 0,
    gid: 0,
    size: records.length,
    mtime: { seconds: 0, nanoseconds: 0 },
    major: 0,
    minor: 0,
  })
  return [header, records, Buffer.alloc((BLOCK_SIZE - (records.length % BLOCK_SIZE)) % BLOCK_SIZE)]
}

function encodeHeader(type: string, entry: Omit<TarEntry, 'kind' | 'xattrs'>): Buffer {
  const block = Buffer.alloc(BLOCK_SIZE)
  putText(block, 'name', entry.name)
  putNumber(block, 'mode', entry.mode)
  putNumber(block, 'uid', within(entry.uid, largest('uid')))
  putNumber(block, 'gid', within(entry.gid, largest('gid')))
  putNumber(block, 'size', within(entry.size, largest('size')))
  putNumber(block, 'mtime', within(Number(entry.mtime.seconds), largest('mtime')))
  putText(block, 'type', type)
  putText(block, 'link', entry.link)
  putText(block, 'magic', USTAR)
  putNumber(block, 'major', entry.major)
  putNumber(block, 'minor', entry.minor)
  putCheckSum(block)
  return block
}

// A PAX record says what does not fit.
function within(value: number, most: number): number {
  return value >= 0 && value <= most ? value : 0
}

function putText(block: Buffer, field: 'name' | 'type' | 'link' | 'magic', text: ByteText): void {
  const [at, length] = FIELDS[field]
  block.write(text.slice(0, length), at, 'latin1')
}

function putNumber(block: Buffer, field: 'mode' | 'uid' | 'gid' | 'size' | 'mtime' | 'major' | 'minor', value: number): void {
  const [at, length] = FIELDS[field]
  block.write(value.toString(8).padStart(length - 1, '0'), at, 'latin1')
}

function putCheckSum(block: Buffer): void {
  const [at, length] = FIELDS.checksum
  block.fill(' ', at, at + length)
  let sum = 0
  for (let index = 0; index < BLOCK_SIZE; index++) sum += block[index] as number
  block.write(`${sum.toString(8).padStart(6, '0')}\0 `, at, 'latin1')
}
