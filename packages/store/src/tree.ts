import { chmodSync, closeSync, constants, lstatSync, openSync, readdirSync, rmdirSync, unlinkSync } from 'node:fs'
import { setImmediate } from 'node:timers/promises'
import { hasErrno, StoreError } from './error.ts'

/** Bytes in one block of stat(2). */
const BLOCK = 512
const DIRECTORY = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW
/** Entries between two turns of the event loop. */
const TURN = 256

/**
 * Removes a file, or a directory with all that is in it, whatever the names' bytes, the modes and the depth. It may be gone already, or go meanwhile.
 * Never leaves the file system: a mount that somebody has left inside is an error, not emptied.
 * @returns the bytes freed on disk
 * @throws {StoreError} `IN_USE` for a mount inside
 */
export async function removeTree(path: string): Promise<number> {
  const stats = ifThere(() => lstatSync(path))
  if (stats === undefined) return 0
  return await removeEntry({ path: Buffer.from(path), shown: path, device: stats.dev, turn: { count: 0 } })
}

/** The bytes that a directory with all that is in it takes on disk; a file with several names counts once. */
export async function treeSize(path: string): Promise<number> {
  const seen = new Set<number>()
  const measure = async (place: Place): Promise<number> => {
    await takeTurn(place)
    const stats = ifThere(() => lstatSync(place.path))
    if (stats === undefined || seen.has(stats.ino)) return 0
    if (stats.nlink > 1 && !stats.isDirectory()) seen.add(stats.ino)
    const inside = stats.isDirectory() ? await eachEntry(place, measure) : 0
    return stats.blocks * BLOCK + inside
  }
  return await measure({ path: Buffer.from(path), shown: path, device: lstatSync(path).dev, turn: { count: 0 } })
}

interface Place {
  readonly path: Buffer
  /** As the user knows it. */
  readonly shown: string
  readonly device: number
  readonly turn: { count: number }
}

async function removeEntry(place: Place): Promise<number> {
  await takeTurn(place)
  const stats = ifThere(() => lstatSync(place.path))
  if (stats === undefined) return 0
  const own = stats.isDirectory() || stats.nlink === 1 ? stats.blocks * BLOCK : 0
  if (!stats.isDirectory()) {
    ifThere(() => unlinkSync(place.path))
    return own
  }
  if (stats.dev !== place.device)
    throw new StoreError('IN_USE', `removing ${place.shown}: something is mounted there`, { hint: `umount ${place.shown}` })
  // An image can have directories that their owner may not read or change; who is not root must open them first.
  if ((stats.mode & 0o700) !== 0o700) chmodSync(place.path, 0o700)
  const inside = await eachEntry(place, removeEntry)
  ifThere(() => rmdirSync(place.path))
  return own + inside
}

/** Calls `visit` with every entry of a directory by way of its descriptor: so no path grows too long for the kernel. */
async function eachEntry(place: Place, visit: (entry: Place) => Promise<number>): Promise<number> {
  const fd = ifThere(() => openSync(place.path, DIRECTORY))
  if (fd === undefined) return 0
  try {
    let total = 0
    for (const name of readdirSync(`/proc/self/fd/${fd}`, { encoding: 'buffer' })) {
      const path = Buffer.concat([Buffer.from(`/proc/self/fd/${fd}/`), name])
      total += await visit({ ...place, path, shown: `${place.shown}/${name}` })
    }
    return total
  } finally {
    closeSync(fd)
  }
}

function ifThere<T>(call: () => T): T | undefined {
  try {
    return call()
  } catch (error) {
    if (hasErrno(error, 'ENOENT')) return undefined
    throw error
  }
}

async function takeTurn({ turn }: Place): Promise<void> {
  turn.count += 1
  if (turn.count % TURN === 0) await setImmediate()
}
