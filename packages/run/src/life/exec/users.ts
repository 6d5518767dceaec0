import { closeSync, constants, fstatSync, openSync, readFileSync } from 'node:fs'
import { OPEN_FLAGS, openInRoot } from '@gocker/kernel'
import { type Identity, identityOf, type UserFiles } from '../../spec/user.ts'
import { type HeldContainer, notRunning } from './running.ts'

/** What a file of users may be, at most: the container could make it as large as it likes. */
const LARGEST = 16 * 1024 * 1024

export interface FoundUser {
  readonly identity: Identity
  /** Of the user that the container's own command has. */
  readonly homeBefore: string
}

/**
 * Looks a user up as the container would, now.
 * @param text `user[:group]`, names or numbers
 * @throws {RunError} `NO_SUCH_USER`, `INVALID_OPTION`, `NOT_RUNNING`
 */
export function findUser(container: HeldContainer, text: string, groupAdd: readonly string[]): FoundUser {
  const files = readUserFiles(container)
  const { uid } = container.spec.process.user
  return { identity: identityOf(text, files, groupAdd), homeBefore: identityOf(`${uid}`, files).home }
}

/** `/etc/passwd` and `/etc/group`, in the root that the container's first process sees. */
function readUserFiles(container: HeldContainer): UserFiles {
  const root = openRoot(container)
  try {
    return { passwd: readText(root, '/etc/passwd'), group: readText(root, '/etc/group') }
  } finally {
    closeSync(root)
  }
}

function openRoot({ pid, record, isAlive }: HeldContainer): number {
  const root = tryOpen(() => openSync(`/proc/${pid}/root`, OPEN_FLAGS.O_PATH | constants.O_DIRECTORY))
  if (root !== undefined && isAlive()) return root
  if (root !== undefined) closeSync(root)
  throw notRunning(record.name)
}

/** Empty where there is no such file. */
function readText(root: number, path: string): string {
  // Looked at before it is opened: opening what is a device does something.
  const held = tryOpen(() => openInRoot(root, path, OPEN_FLAGS.O_PATH))
  if (held === undefined) return ''
  try {
    const stats = fstatSync(held)
    return stats.isFile() && stats.size <= LARGEST ? readFileSync(`/proc/self/fd/${held}`, 'utf8') : ''
  } finally {
    closeSync(held)
  }
}

/** @returns undefined for what is not there, leads in circles, or has gone since */
function tryOpen(open: () => number): number | undefined {
  try {
    return open()
  } catch (error) {
    if (NOT_THERE.includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
    throw error
  }
}

const NOT_THERE = ['ENOENT', 'ENOTDIR', 'ELOOP', 'ESRCH']
