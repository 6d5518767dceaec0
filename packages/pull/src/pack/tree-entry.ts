import { type BigIntStats, readlinkSync } from 'node:fs'
import { deviceMajor, deviceMinor, type FileTime, getXattr, listXattrs } from '@gocker/kernel'
import { layerFile } from '../layers/layer-files.ts'
import { OVERLAY_XATTRS } from '../layers/metadata.ts'
import type { ByteText, TarEntry, TarEntryKind } from '../tar-reader/tar-entry.ts'

// What this host's policies say of a file, which another host's may contradict.
const HOST_XATTRS = new Set(['security.selinux', 'security.ima', 'security.evm'])

/**
 * Describes a file for the archive, its name as archives have it: without a slash before, a directory's with one behind.
 * @returns undefined for a socket
 */
export function treeEntry(path: ByteText, stats: BigIntStats, clampTo: number | undefined): TarEntry | undefined {
  const kind = kindOf(stats)
  if (kind === undefined) return undefined
  const isDevice = kind === 'character-device' || kind === 'block-device'
  return {
    kind,
    name: kind === 'directory' ? `${path === '' ? '.' : path.slice(1)}/` : path.slice(1),
    link: kind === 'symlink' ? readlinkSync(layerFile(path), { encoding: 'latin1' }) : '',
    mode: Number(stats.mode) & 0o7777,
    uid: Number(stats.uid),
    gid: Number(stats.gid),
    size: kind === 'file' ? Number(stats.size) : 0,
    mtime: clampedTime(stats.mtimeNs, clampTo),
    major: isDevice ? deviceMajor(stats.rdev) : 0,
    minor: isDevice ? deviceMinor(stats.rdev) : 0,
    xattrs: readXattrs(path),
  }
}

export function clampedTime(nanoseconds: bigint, clampTo: number | undefined): FileTime {
  const rest = ((nanoseconds % BILLION) + BILLION) % BILLION
  const seconds = Number((nanoseconds - rest) / BILLION)
  return clampTo !== undefined && seconds >= clampTo ? { seconds: clampTo, nanoseconds: 0 } : { seconds, nanoseconds: Number(rest) }
}

const BILLION = 1_000_000_000n

function kindOf(stats: BigIntStats): TarEntryKind | undefined {
  if (stats.isFile()) return 'file'
  if (stats.isDirectory()) return 'directory'
  if (stats.isSymbolicLink()) return 'symlink'
  if (stats.isCharacterDevice()) return 'character-device'
  if (stats.isBlockDevice()) return 'block-device'
  return stats.isFIFO() ? 'fifo' : undefined
}

function readXattrs(path: ByteText): ReadonlyMap<string, Buffer> {
  const xattrs = new Map<string, Buffer>()
  for (const name of listXattrs(layerFile(path))) {
    if (name.startsWith(OVERLAY_XATTRS) || HOST_XATTRS.has(name)) continue
    const value = getXattr(layerFile(path), name)
    if (value !== undefined) xattrs.set(name, value)
  }
  return xattrs
}
