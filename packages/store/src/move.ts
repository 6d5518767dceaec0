import { dirname } from 'node:path'
import { hasErrno, unless } from './error.ts'
import { randomPart, takeOver } from './held.ts'
import type { StorePaths } from './paths.ts'
import { mkdir, rename } from './quick-files.ts'
import { removeTree } from './tree.ts'

/** Renames, making the new name's directory when it is not there. */
export async function renameInto(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!hasErrno(error, 'ENOENT')) throw error
    await mkdir(dirname(to), { recursive: true, mode: 0o700 })
    await rename(from, to)
  }
}

/** Something that has lost its name, and is still to be removed. */
export interface Trash {
  /** Gives the bytes freed. */
  empty(): Promise<number>
}

/**
 * Takes a directory's name away in one step, so that nobody sees it half removed.
 * @returns `undefined` when it was gone already
 */
export async function moveToTrash(paths: StorePaths, path: string): Promise<Trash | undefined> {
  const trash = paths.tmp(`trash-${randomPart()}`)
  const isMoved = await renameInto(path, trash).then(() => true, unless('ENOENT'))
  if (isMoved === undefined) return undefined
  return {
    async empty() {
      // Held against a prune that would do the same work; whoever else holds it has lost it anyway.
      const handle = await takeOver(trash)
      try {
        return await removeTree(trash)
      } finally {
        await handle?.close()
      }
    },
  }
}
