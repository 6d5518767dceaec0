import { type BigIntStats, lstatSync, readdirSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { deviceMajor, deviceMinor } from '@gocker/kernel'
import type { SourceTree, TreeEntry } from './tree.ts'

/** A directory on disk as a tree; each file is looked at when it is asked for, and once. */
export function directoryTree(root: string): SourceTree {
  const entries = new Map<string, TreeEntry | undefined>()
  const names = new Map<string, readonly string[]>()
  return {
    entry(path) {
      if (!entries.has(path)) entries.set(path, readEntry(root, path))
      return entries.get(path)
    },
    names(directory) {
      const known = names.get(directory) ?? readdirSync(join(root, directory)).sort(byBytes)
      names.set(directory, known)
      return known
    },
  }
}

function readEntry(root: string, path: string): TreeEntry | undefined {
  const stats = lstatSync(join(root, path), { bigint: true, throwIfNoEntry: false })
  if (stats === undefined) return undefined
  const type = typeOf(stats)
  return {
    path,
    type,
    mode: Number(stats.mode & 0o7777n),
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: Number(stats.size),
    mtime: stats.mtimeNs,
    ...(type === 'symlink' && { target: readlinkSync(join(root, path)) }),
    ...((type === 'character' || type === 'block') && { device: [deviceMajor(stats.rdev), deviceMinor(stats.rdev)] as const }),
    ...(type === 'file' && { version: { device: stats.dev, inode: stats.ino, changed: stats.ctimeNs } }),
    ...(stats.nlink > 1n && type !== 'directory' && { identity: `${stats.dev}:${stats.ino}` }),
  }
}

function typeOf(stats: BigIntStats): TreeEntry['type'] {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isFIFO()) return 'fifo'
  if (stats.isSocket()) return 'socket'
  return stats.isCharacterDevice() ? 'character' : 'block'
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
