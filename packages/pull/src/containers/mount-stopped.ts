import { closeSync, mkdirSync, openSync, readFileSync, readlinkSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { CLONE_FLAGS, chroot, MOUNT_FLAGS, mount, mountOverlay, OPEN_FLAGS, openInRoot, parseMountInfo, unshare } from '@gocker/kernel'
import { PullError } from '../error.ts'
import type { PlacedBind, StoppedPlace } from './container-place.ts'

const { MS_BIND, MS_MOVE, MS_PRIVATE, MS_RDONLY, MS_REC, MS_REMOUNT } = MOUNT_FLAGS
const HOLD = OPEN_FLAGS.O_PATH | OPEN_FLAGS.O_CLOEXEC

/**
 * Mounts a container's files as a start would, in a mount namespace of the calling thread, and makes them its root. The host's files are in
 * that namespace too, but no path leads there: the container's root covers the host's.
 * @throws {PullError} `NO_SUCH_FILE` where the source of a volume is gone; {KernelError}
 */
export function mountStopped(place: StoppedPlace): void {
  const { target, binds, readOnly } = place
  unshare(CLONE_FLAGS.CLONE_FS | CLONE_FLAGS.CLONE_NEWNS)
  mount({ source: 'none', target: '/', flags: MS_REC | MS_PRIVATE })
  mountOverlay(place)
  const root = openSync(target, HOLD | OPEN_FLAGS.O_DIRECTORY)
  try {
    for (const bind of binds) mountBind(root, bind)
    if (readOnly) mount({ source: 'none', target, flags: MS_REMOUNT | MS_BIND | MS_RDONLY })
    mount({ source: target, target: '/', flags: MS_MOVE })
    chroot(`/proc/self/fd/${root}`)
  } finally {
    closeSync(root)
  }
}

/** The mount point is looked up in the container: no symlink of the image leads out of it. */
function mountBind(root: number, { source, destination, readOnly }: PlacedBind): void {
  const stats = statSync(source, { throwIfNoEntry: false })
  if (stats === undefined)
    throw new PullError('NO_SUCH_FILE', `mounting ${source} on ${destination} of the container: it does not exist any more`)
  const place = holdMountPoint(root, destination, stats.isDirectory())
  try {
    mount({ source, target: `/proc/self/fd/${place}`, flags: MS_BIND | MS_REC })
  } finally {
    closeSync(place)
  }
  if (readOnly) restrict(root, destination)
}

/** What is mounted below a read-only directory cannot be written either, as in the container when it runs. */
function restrict(root: number, destination: string): void {
  const mounted = openInRoot(root, destination, HOLD)
  try {
    const top = readlinkSync(`/proc/self/fd/${mounted}`)
    const all = parseMountInfo(readFileSync('/proc/thread-self/mountinfo', 'utf8'))
    const below = all.filter(({ mountPoint }) => mountPoint === top || mountPoint.startsWith(`${top}/`))
    for (const { mountPoint } of below) mount({ source: 'none', target: mountPoint, flags: MS_REMOUNT | MS_BIND | MS_RDONLY })
  } finally {
    closeSync(mounted)
  }
}

/** Made where it is missing, as a start would make it. */
function holdMountPoint(root: number, path: string, isDirectory: boolean): number {
  try {
    return openInRoot(root, path, HOLD)
  } catch (error) {
    if ((error as { code?: unknown }).code !== 'ENOENT') throw error
  }
  const parent = holdMountPoint(root, posix.dirname(path), true)
  try {
    const place = `/proc/self/fd/${parent}/${posix.basename(path)}`
    if (isDirectory) mkdirSync(place, 0o755)
    else closeSync(openSync(place, 'wx', 0o755))
  } finally {
    closeSync(parent)
  }
  return openInRoot(root, path, HOLD)
}
