import { lchownSync, lstatSync, mkdirSync, readlinkSync, type Stats, statSync, unlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { ownerHere } from '@gocker/kernel'
import type { Owner } from './owner.ts'

// As the kernel's own. @see path_resolution(7)
const MAX_SYMLINKS = 40

/** Where a path leads when its last name is a symlink, be it to what is not there yet. */
export function followed(path: string): string {
  let at = path
  for (let links = 0; links < MAX_SYMLINKS; links++) {
    if (lstatSync(at, { throwIfNoEntry: false })?.isSymbolicLink() !== true) return at
    at = posix.resolve(posix.dirname(at), readlinkSync(at))
  }
  throw new Error(`${path} is a symlink that leads to itself`)
}

/** What is there, symlinks followed. */
export function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

/** What is there itself. */
export function lstatOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

/** Makes what is missing of a path. @throws {Error} where something else is in the way */
export function makeDirectories(path: string, made: Owner & { readonly mode: number }): void {
  const stats = statOf(path)
  if (stats?.isDirectory() === true) return
  if (stats !== undefined) throw new Error(`${path} is there, and is no directory`)
  const real = followed(path)
  makeDirectories(posix.dirname(real), made)
  mkdirSync(real, made.mode)
  lchownSync(real, ...ownerHere(made.uid, made.gid))
}

/** A file gives way to a file; a directory does not. */
export function makeWay(path: string): void {
  const stats = lstatOf(path)
  if (stats === undefined) return
  if (stats.isDirectory()) throw new Error(`${path} is there, and is a directory`)
  unlinkSync(path)
}
