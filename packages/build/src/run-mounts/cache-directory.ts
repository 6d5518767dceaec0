import { constants } from 'node:fs'
import { chmod, chown, mkdir, rename, stat, utimes, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ownerHere } from '@gocker/kernel'
import { openLocked, removeTree, tryOpenLocked } from '@gocker/store'
import type { Sharing } from './mount.ts'

export interface CacheDirectoryOptions {
  /** For people. */
  readonly id: string
  readonly sharing: Sharing
  readonly signal: AbortSignal
  /** What it is at first: empty with this mode and owner, or as the function makes an empty directory. */
  readonly fill: Readonly<{ mode: number; uid: number; gid: number }> | ((directory: string) => Promise<void>)
}

export interface CacheLease {
  readonly directory: string
  release(): Promise<void>
}

/** Held until it is closed. */
interface Lock {
  close(): Promise<void>
}

/** Milliseconds. */
const PATIENCE = 20
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY

/**
 * Takes a cache directory for a while. A lock (flock) on the directory around it says who uses it: so it goes with the process, and
 * nobody prunes what is in use. The time of that directory says when it was used last.
 * @throws the signal's reason while it waits for another build
 */
export async function leaseCacheDirectory(path: string, options: CacheDirectoryOptions): Promise<CacheLease> {
  for (let number = 0; ; ) {
    const place = number === 0 ? path : `${path}.${number}`
    await mkdir(place, { recursive: true, mode: 0o700 })
    const lock = await take(place, options)
    if (lock === 'busy') number++
    else if (lock !== 'again') return await leased(place, lock)
  }
}

async function take(place: string, options: CacheDirectoryOptions): Promise<Lock | 'busy' | 'again'> {
  const isFilled = await isThere(filesOf(place))
  const lock = await lockOf(place, options, isFilled)
  if (typeof lock === 'string') return lock
  try {
    const isWhole = await isThere(filesOf(place))
    // What is to be filled is locked by one alone.
    if (!isWhole && !(isFilled && options.sharing === 'shared')) await fill(place, options)
    if (options.sharing !== 'shared' || (isFilled && isWhole)) return lock
    await lock.close()
    return 'again'
  } catch (error) {
    await lock.close()
    throw error
  }
}

/** Who fills it is alone; who would share it does not wait for that with a lock that others who share it then keep from him. */
async function lockOf(place: string, { sharing, signal }: CacheDirectoryOptions, isFilled: boolean): Promise<Lock | 'busy' | 'again'> {
  const flags = DIRECTORY
  try {
    if (sharing === 'private') return (await tryOpenLocked(place, { flags, patience: 0 })) ?? 'busy'
    if (sharing === 'locked') return await openLocked(place, { flags, signal })
    if (isFilled) return await openLocked(place, { flags, mode: 'shared', signal })
    return (await tryOpenLocked(place, { flags, patience: PATIENCE, signal })) ?? 'again'
  } catch (error) {
    // Pruned since it was made.
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 'again'
    throw error
  }
}

async function leased(place: string, lock: Lock): Promise<CacheLease> {
  await noteUse(place)
  return {
    directory: filesOf(place),
    async release() {
      await noteUse(place)
      await lock.close()
    },
  }
}

/** Under another name until it is whole. */
async function fill(place: string, { id, fill }: CacheDirectoryOptions): Promise<void> {
  const draft = join(place, 'draft')
  await removeTree(draft)
  await mkdir(draft)
  if (typeof fill === 'function') await fill(draft)
  else {
    await chown(draft, ...ownerHere(fill.uid, fill.gid))
    await chmod(draft, fill.mode)
  }
  await writeFile(join(place, 'id'), id)
  await rename(draft, filesOf(place))
}

function filesOf(place: string): string {
  return join(place, 'files')
}

async function noteUse(place: string): Promise<void> {
  const now = new Date()
  await utimes(place, now, now)
}

async function isThere(path: string): Promise<boolean> {
  return await stat(path).then(
    () => true,
    () => false,
  )
}
