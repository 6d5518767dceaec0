import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { deviceMajor, deviceMinor } from '@gocker/kernel'
import type { SourceTree, TreeEntry } from './tree.ts'

/** By the highest bits of a mode. @see inode(7) */
const TYPES = new Map<number, TreeEntry['type']>([
  [0o01, 'fifo'],
  [0o02, 'character'],
  [0o04, 'directory'],
  [0o06, 'block'],
  [0o10, 'file'],
  [0o12, 'symlink'],
])
const TYPE_SHIFT = 12
const PERMISSION_BITS = 0o7777

/** A directory on disk as a tree; each file is looked at when it is asked for, and once. */
export function directoryTree(root: string): SourceTree {
  const entries = new Map<string, TreeEntry | undefined>()
  const names = new Map<string, readonly string[]>()
  return {
    entry(path) {
      const known = entries.get(path)
      if (known !== undefined || entries.has(path)) return known
      const entry = readEntry(root, path)
      entries.set(path, entry)
      return entry
    },
    names(directory) {
      const known = names.get(directory) ?? readdirSync(pathIn(root, directory)).sort()
      names.set(directory, known)
      return known
    },
  }
}

/** A context has thousands: what few files have is asked for where they have it. */
function readEntry(root: string, path: string): TreeEntry | undefined {
  const stats = lstatSync(pathIn(root, path), { throwIfNoEntry: false })
  if (stats === undefined) return undefined
  const { mode, uid, gid, size, mtimeMs, ctimeMs, dev, ino } = stats
  const type = TYPES.get(mode >> TYPE_SHIFT) ?? 'socket'
  const version = { device: dev, inode: ino, changed: ctimeMs }
  const entry = { path, type, mode: mode & PERMISSION_BITS, uid, gid, size, mtime: mtimeMs, version }
  return type === 'directory' || (type === 'file' && stats.nlink === 1) ? entry : { ...entry, ...more(root, entry, stats) }
}

function more(root: string, { path, type }: Pick<TreeEntry, 'path' | 'type'>, { nlink, rdev }: Stats): Partial<TreeEntry> {
  return {
    ...(type === 'symlink' && { target: readlinkSync(pathIn(root, path)) }),
    ...((type === 'character' || type === 'block') && { device: [deviceMajor(BigInt(rdev)), deviceMinor(BigInt(rdev))] as const }),
    ...(nlink > 1 && { identity: identityOf(root, path) }),
  }
}

/** Two files may differ in bits that a number does not have. */
function identityOf(root: string, path: string): string {
  const { dev, ino } = lstatSync(pathIn(root, path), { bigint: true })
  return `${dev}:${ino}`
}

function pathIn(root: string, path: string): string {
  return path === '' ? root : `${root}/${path}`
}
