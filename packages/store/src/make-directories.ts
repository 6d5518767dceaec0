import { mkdirSync, statSync } from 'node:fs'
import { dirname } from 'node:path'

/**
 * Makes a directory and those above it that are missing; what is there already stays as it is.
 *
 * Node's own `recursive` tries for ever where the kernel says ENOENT of a directory whose parent is there, as in /proc.
 * @param mode of every directory that is made, less the umask
 * @returns the topmost of those that were made, if any
 * @throws the system's error
 */
export function makeDirectories(path: string, mode?: number): string | undefined {
  try {
    mkdirSync(path, mode)
    return path
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'EEXIST' && isDirectory(path)) return undefined
    const above = dirname(path)
    if (code !== 'ENOENT' || isDirectory(above)) throw error
    const made = makeDirectories(above, mode)
    return makeBelow(path, mode) ? (made ?? path) : made
  }
}

function isDirectory(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true
}

/** Somebody else may have been quicker. */
function makeBelow(path: string, mode: number | undefined): boolean {
  try {
    mkdirSync(path, mode)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !isDirectory(path)) throw error
    return false
  }
}
