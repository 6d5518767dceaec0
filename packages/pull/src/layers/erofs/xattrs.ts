import { badArchive } from '../../tar-reader/bad-archive.ts'
import type { ImageNode } from './image-node.ts'

/** The beginnings of names that EROFS knows, by their numbers. */
const PREFIXES: readonly (readonly [text: string, index: number])[] = [
  ['user.', 1],
  ['system.posix_acl_access', 2],
  ['system.posix_acl_default', 3],
  ['trusted.', 4],
  ['security.', 6],
]
const HEADER = 12
const ENTRY = 4
const MOST_NAME = 0xff
const MOST_VALUE = 0xffff
const MOST_BYTES = HEADER + 4 * (0xffff - 1)

/** Bytes behind an inode. @throws {PullError} `BAD_ARCHIVE` for what cannot be kept */
export function xattrSize({ xattrs }: ImageNode): number {
  if (xattrs.length === 0) return 0
  const size = xattrs.reduce((sum, [name, value]) => sum + entrySize(name, value), HEADER)
  if (size > MOST_BYTES) throw badArchive('extended attributes', `${size} bytes of one file, at most ${MOST_BYTES} can be kept`)
  return size
}

/** @param target zeros, where the entries go behind the header */
export function writeXattrs({ xattrs }: ImageNode, target: Buffer, at: number): void {
  let to = at + HEADER
  for (const [name, value] of xattrs) {
    const { index, rest } = splitName(name)
    target[to] = rest.length
    target[to + 1] = index
    target.writeUInt16LE(value.length, to + 2)
    rest.copy(target, to + ENTRY)
    value.copy(target, to + ENTRY + rest.length)
    to += entrySize(name, value)
  }
}

function entrySize(name: string, value: Buffer): number {
  const { rest } = splitName(name)
  if (rest.length > MOST_NAME || value.length > MOST_VALUE)
    throw badArchive(`extended attribute ${name}`, `at most ${MOST_NAME} bytes of a name and ${MOST_VALUE} of a value can be kept`)
  return Math.ceil((ENTRY + rest.length + value.length) / 4) * 4
}

function splitName(name: string): { index: number; rest: Buffer } {
  const found = PREFIXES.find(([prefix]) => name.startsWith(prefix))
  if (found === undefined) throw badArchive(`extended attribute ${name}`, 'its name begins with none of user, trusted, security and system')
  const [prefix, index] = found
  return { index, rest: Buffer.from(name.slice(prefix.length)) }
}
