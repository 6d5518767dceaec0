import { constants } from 'node:fs'
import { dirname } from 'node:path'
import { unless } from './error.ts'
import { tryOpenLocked } from './lock.ts'
import { chmod, mkdir, type OpenFile } from './quick-files.ts'
import { randomHex } from './random-hex.ts'

/*
 * What is not whole yet is held: its maker has it open and locked (flock). The lock ends with the process, so whoever can take the lock
 * of a temporary file or directory knows that nobody is at work on it, and may remove it.
 */

export interface Held {
  readonly path: string
  /** Closing it lets go. */
  readonly handle: OpenFile
}

const NEW_FILE = constants.O_RDWR | constants.O_CREAT | constants.O_EXCL
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY
const ANYTHING = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Makes a new file, named by `name` with a random part, and holds it. */
export async function makeHeldFile(name: (random: string) => string): Promise<Held> {
  while (true) {
    const path = name(randomPart())
    // Between making and locking, a prune may take the file over for one that nobody holds: then another is made.
    const handle = await tryOpenLocked(path, { flags: NEW_FILE, patience: 0 })
    if (handle !== undefined) return { path, handle }
  }
}

/** Makes a new directory (0755, whatever the umask), named by `name` with a random part, and holds it. */
export async function makeHeldDirectory(name: (random: string) => string): Promise<Held> {
  while (true) {
    const path = name(randomPart())
    await mkdir(dirname(path), { recursive: true, mode: 0o700 })
    await mkdir(path)
    const handle = await tryOpenLocked(path, { flags: DIRECTORY, patience: 0 }).catch(unless('ENOENT'))
    if (handle === undefined) continue
    await chmod(path, 0o755)
    return { path, handle }
  }
}

/** Takes over a file or directory that nobody holds; `undefined` when somebody does, or when it is gone. */
export async function takeOver(path: string): Promise<OpenFile | undefined> {
  return await tryOpenLocked(path, { flags: ANYTHING, patience: 0 }).catch(unless('ENOENT', 'ELOOP'))
}

export function randomPart(): string {
  return randomHex(8)
}
