import {
  chmodSync,
  closeSync,
  existsSync,
  ftruncateSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs'
import { makeDevice, mknod, setTimes, setXattr } from '@gocker/kernel'
import fc from 'fast-check'

/** A file to be made; numbers choose among what has been made before it. */
export interface AnyFile {
  readonly kind: 'directory' | 'file' | 'sparse' | 'symlink' | 'hard-link' | 'fifo' | 'character' | 'block'
  readonly parent: number
  /** Bytes, as latin1. */
  readonly name: string
  readonly target: string
  readonly other: number
  readonly size: number
  readonly mode: number
  readonly uid: number
  readonly gid: number
  readonly device: readonly [major: number, minor: number]
  readonly seconds: number
  readonly nanoseconds: number
  readonly xattrs: readonly { readonly name: string; readonly value: Uint8Array }[]
}

/** Whatever the kernel takes for a name, but for what would be a whiteout in a layer. */
const aName = fc
  .oneof(bytesBut('/', 40), bytesBut('/', 255), fc.constantFrom(' ', '-x', 'a\nb', 'ü', '...', '%41', '"', '\\'))
  .filter((name) => name !== '.' && name !== '..' && !name.startsWith('.wh.'))

const anId = fc.oneof(fc.constantFrom(0, 1, 65_534, 2_097_151, 2_097_152, 4_294_967_294), fc.nat(4_294_967_294))

const anXattr = fc.record({
  name: bytesBut('', 30).map((rest) => `trusted.gocker.${rest}`),
  value: fc.uint8Array({ minLength: 1, maxLength: 300 }),
})

const aFile: fc.Arbitrary<AnyFile> = fc.record({
  kind: fc.constantFrom('directory', 'file', 'sparse', 'symlink', 'hard-link', 'fifo', 'character', 'block'),
  parent: fc.nat(),
  name: aName,
  target: bytesBut('', 400),
  other: fc.nat(),
  size: fc.oneof(fc.constantFrom(0, 1, 511, 512, 513, 65_536), fc.nat(100_000)),
  mode: fc.nat(0o7777),
  uid: anId,
  gid: anId,
  device: fc.tuple(fc.integer({ min: 1, max: 511 }), fc.nat(100_000)),
  seconds: fc.integer({ min: -2_000_000_000, max: 10_000_000_000 }),
  nanoseconds: fc.oneof(fc.constant(0), fc.nat(999_999_999)),
  xattrs: fc.uniqueArray(anXattr, { maxLength: 3, selector: ({ name }) => name }),
})

export const anyTree: fc.Arbitrary<readonly AnyFile[]> = fc.array(aFile, { maxLength: 40 })

/** Texts of the bytes 1 to 255 but one. */
function bytesBut(excluded: string, maxLength: number): fc.Arbitrary<string> {
  return fc.uint8Array({ min: 1, max: 255, minLength: 1, maxLength }).map((bytes) =>
    Buffer.from(bytes)
      .toString('latin1')
      .replaceAll(excluded === '' ? '\0' : excluded, '_'),
  )
}

const LONGEST_PATH = 3000

/** Makes the files; what cannot be there besides the others is left out. */
export function makeTree(root: string, files: readonly AnyFile[]): void {
  const directories = ['']
  const linkable: string[] = []
  const made: { path: string; file: AnyFile }[] = []
  for (const file of files) {
    const path = `${directories[file.parent % directories.length]}/${file.name}`
    if (path.length > LONGEST_PATH || existsSync(at(root, path)) || lstatSync(at(root, path), { throwIfNoEntry: false })) continue
    if (file.kind === 'hard-link') {
      const other = linkable[file.other % linkable.length]
      if (other !== undefined) linkSync(at(root, other), at(root, path))
      continue
    }
    make(at(root, path), file)
    ;(file.kind === 'directory' ? directories : linkable).push(path)
    made.push({ path, file })
  }
  for (const { path, file } of made.reverse()) finish(at(root, path), file)
}

function at(root: string, path: string): Buffer {
  return Buffer.from(`${root}${path}`, 'latin1')
}

function make(path: Buffer, { kind, size, target, device: [major, minor] }: AnyFile): void {
  if (kind === 'directory') mkdirSync(path)
  else if (kind === 'symlink') symlinkSync(Buffer.from(target, 'latin1'), path)
  else if (kind === 'fifo') mknod(path, 0o010600, 0n)
  else if (kind === 'character' || kind === 'block') mknod(path, kind === 'block' ? 0o060600 : 0o020600, makeDevice(major, minor))
  else if (kind === 'sparse') makeSparse(path, size)
  else writeFileSync(path, Buffer.alloc(size, 'gocker '))
}

function makeSparse(path: Buffer, size: number): void {
  const fd = openSync(path, 'w')
  for (let at = size; at < 8 * size; at += 3 * size + 1) writeSync(fd, Buffer.from('data'), 0, 4, at)
  ftruncateSync(fd, 10 * size)
  closeSync(fd)
}

function finish(path: Buffer, { kind, mode, uid, gid, seconds, nanoseconds, xattrs }: AnyFile): void {
  lchownSync(path, uid, gid)
  for (const { name, value } of xattrs) setXattr(path, name, value)
  if (kind !== 'symlink') chmodSync(path, mode)
  setTimes(path, { atime: { seconds, nanoseconds }, mtime: { seconds, nanoseconds } })
}
