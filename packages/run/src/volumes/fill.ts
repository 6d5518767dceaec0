import {
  chmodSync,
  constants,
  copyFileSync,
  lchownSync,
  linkSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  type Stats,
  statSync,
  symlinkSync,
} from 'node:fs'
import { getXattr, listXattrs, mknod, overlayXattr, setTimes, setXattr } from '@gocker/kernel'
import { childOf, type LayerEntry, type LayerView, namesIn } from '../rootfs/layer-view.ts'

/**
 * Copies what the image has at `path` into a volume that is still empty, owners and all.
 * The image's files are looked up in the layers, which nobody changes, and the volume is nobody's yet: no symlink is ever followed.
 */
export function fillVolume(view: LayerView, path: string, volume: string): void {
  if (readdirSync(volume).length > 0) return
  const entry = view.find(path)
  if (entry?.kind !== 'directory') return
  fillDirectory(entry, volume, new Map())
}

/** The place of a file in the layers that has several names, to where its copy is. */
type Copies = Map<string, string>

function fillDirectory(directory: LayerEntry & { kind: 'directory' }, target: string, copies: Copies): void {
  for (const name of namesIn(directory)) {
    const entry = childOf(directory, name)
    if (entry === undefined) continue
    const path = `${target}/${name}`
    if (entry.kind === 'directory') {
      mkdirSync(path)
      fillDirectory(entry, path, copies)
    } else copyEntry(entry, path, copies)
  }
  const [place = target] = directory.places
  copyAttributes(place, statSync(place), target)
}

function copyEntry({ kind, place, stats }: LayerEntry & { kind: 'symlink' | 'other' }, target: string, copies: Copies): void {
  const inode = `${stats.dev}:${stats.ino}`
  const copied = stats.nlink > 1 ? copies.get(inode) : undefined
  copies.set(inode, target)
  if (copied !== undefined) linkSync(copied, target)
  else if (kind === 'symlink') symlinkSync(readlinkSync(place), target)
  else if (stats.isFile()) copyFileSync(place, target, constants.COPYFILE_FICLONE)
  else mknod(target, stats.mode, BigInt(stats.rdev))
  copyAttributes(place, stats, target)
}

function copyAttributes(place: string, stats: Stats, target: string): void {
  lchownSync(target, stats.uid, stats.gid)
  // After the owner: a change of owner takes set-user-ID and capabilities away.
  if (!stats.isSymbolicLink()) chmodSync(target, stats.mode & 0o7777)
  for (const name of listXattrs(place)) {
    const value = name.startsWith(overlayXattr('')) ? undefined : getXattr(place, name)
    if (value !== undefined) setXattr(target, name, value)
  }
  setTimes(target, { atime: timeOf(stats.atimeMs), mtime: timeOf(stats.mtimeMs) })
}

function timeOf(milliseconds: number): { seconds: number; nanoseconds: number } {
  const seconds = Math.floor(milliseconds / 1000)
  return { seconds, nanoseconds: Math.floor((milliseconds - seconds * 1000) * 1e6) }
}
