import { lstatSync, readdirSync, rmdirSync, type Stats, unlinkSync } from 'node:fs'
import { posix } from 'node:path'
import { layeredTree } from '../context/layered-tree.ts'
import type { SourceTree } from '../context/tree.ts'

/**
 * Takes away what was made only to be mounted on: empty files and directories that the layers below do not have, and the directories
 * above them that were copied up for it and are otherwise as they were. The layer is then what the command did, and nothing else.
 * @param upper the overlay's upper directory, not mounted any more
 * @param lowers the top first
 */
export function removeMountPoints(upper: string, lowers: readonly string[], destinations: readonly string[]): void {
  const below = layeredTree(lowers)
  // The deepest first: /dev/shm goes before /dev.
  for (const destination of [...destinations].sort((a, b) => b.length - a.length)) {
    const path = posix.normalize(destination).replace(/^\/+|\/+$/g, '')
    if (path !== '') removeUnlessBelow(upper, below, path)
  }
}

function removeUnlessBelow(upper: string, below: SourceTree, path: string): void {
  const stats = statWithin(upper, path)
  if (stats === undefined) return
  const isEmpty = stats.isDirectory() ? readdirSync(posix.join(upper, path)).length === 0 : stats.isFile() && stats.size === 0
  if (!isEmpty || !isUnchanged(below, path, stats)) return
  if (stats.isDirectory()) rmdirSync(posix.join(upper, path))
  else unlinkSync(posix.join(upper, path))
  const parent = posix.dirname(path)
  if (parent !== '.') removeUnlessBelow(upper, below, parent)
}

/** Nothing where a symlink is on the way: the command may have put one there, and it would lead out. */
function statWithin(upper: string, path: string): Stats | undefined {
  const parents = path.split('/').map((_, index, names) => posix.join(upper, ...names.slice(0, index)))
  if (parents.some((parent) => lstatSync(parent, { throwIfNoEntry: false })?.isDirectory() !== true)) return undefined
  return lstatSync(posix.join(upper, path), { throwIfNoEntry: false })
}

/** New, and so made for the mount; or a directory as the layers below have it. */
function isUnchanged(below: SourceTree, path: string, { mode, uid, gid }: { mode: number; uid: number; gid: number }): boolean {
  const entry = below.entry(path)
  if (entry === undefined) return true
  return entry.type === 'directory' && entry.mode === (mode & 0o7777) && entry.uid === uid && entry.gid === gid
}
