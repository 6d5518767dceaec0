import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { makeDevice, mknod } from '@gocker/kernel'
import type { SourceTree } from '../context/tree.ts'
import { takeAttributes } from '../stage/take-attributes.ts'

const WHITEOUT = 0o020_000

interface Masking {
  readonly directory: string
  readonly all: SourceTree
  /** What is to be seen of it. */
  readonly visible: SourceTree
}

/**
 * Makes a directory that hides, as the layer above a directory, all of it that is not to be seen; nothing is copied.
 * @param path of the directory in the trees
 * @returns whether there is anything to hide: else `mask` is not made
 * @see https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories
 */
export function makeMask(path: string, mask: string, masking: Masking): boolean {
  const { directory, all, visible } = masking
  const shown = new Set(visible.names(path))
  const hidden = all.names(path).filter((name) => !shown.has(name))
  if (hidden.length > 0) mkdirSync(mask, { recursive: true })
  for (const name of hidden) mknod(join(mask, name), WHITEOUT, makeDevice(0, 0))
  const inside = [...shown].filter((name) => {
    const below = path === '' ? name : `${path}/${name}`
    return visible.entry(below)?.type === 'directory' && makeMask(below, join(mask, name), masking)
  })
  if (hidden.length + inside.length === 0) return false
  takeAttributes(join(directory, path), mask)
  return true
}
