import { chmodSync, fchmodSync, fchownSync, lchownSync } from 'node:fs'
import { inUserNamespace, overlayXattr, ownerHere, setTimes, setXattr } from '@gocker/kernel'
import type { TarEntry } from '../tar-reader/tar-entry.ts'

/** Of overlayfs: an archive must not steer the mount that is made of the layer. */
export const OVERLAY_XATTRS = overlayXattr('')

/** The bits that open(2) and mkdir(2) give a file. */
export function plainMode(mode: number): number {
  return mode & 0o777
}

/**
 * Gives an open file what its entry says. The order matters: a change of owner clears setuid bits and capabilities, a change of content too,
 * and everything changes times.
 */
export function finishOpenFile(fd: number, entry: TarEntry): void {
  if (!isOwnOwner(entry)) fchownSync(fd, ...ownerHere(entry.uid, entry.gid))
  if (hasSpecialBits(entry.mode)) fchmodSync(fd, entry.mode)
  setXattrs(fd, entry)
  setTimes(fd, { atime: entry.mtime, mtime: entry.mtime })
}

/** The same for what has no content to be open for, in the same order. A symlink has no mode of its own. */
export function finishPath(path: string | Buffer, entry: TarEntry): void {
  if (!isOwnOwner(entry)) lchownSync(path, ...ownerHere(entry.uid, entry.gid))
  if (entry.kind !== 'symlink' && hasSpecialBits(entry.mode)) chmodSync(path, entry.mode)
  setXattrs(path, entry)
  setTimes(path, { atime: entry.mtime, mtime: entry.mtime })
}

/** A directory may have been there before its entry, as another's. */
export function finishDirectory(path: string | Buffer, entry: TarEntry): void {
  lchownSync(path, ...ownerHere(entry.uid, entry.gid))
  chmodSync(path, entry.mode)
  setXattrs(path, entry)
  setTimes(path, { atime: entry.mtime, mtime: entry.mtime })
}

function setXattrs(file: string | Buffer | number, { xattrs }: TarEntry): void {
  for (const [name, value] of xattrs) if (!name.startsWith(OVERLAY_XATTRS) && isAllowed(name)) setXattr(file, name, value)
}

/** Only the machine's root may set the others. @see xattr(7) */
function isAllowed(name: string): boolean {
  return name.startsWith('user.') || name === 'security.capability' || name.startsWith('system.') || !inUserNamespace()
}

function isOwnOwner({ uid, gid }: TarEntry): boolean {
  return uid === OWN_UID && gid === OWN_GID
}

function hasSpecialBits(mode: number): boolean {
  return mode !== plainMode(mode)
}

const [OWN_UID, OWN_GID] = [process.geteuid?.(), process.getegid?.()]
