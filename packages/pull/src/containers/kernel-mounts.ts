import { closeSync, openSync, readFileSync } from 'node:fs'
import { MNT_DETACH, type MountInfo, OPEN_FLAGS, openBeneath, parseMountInfo, unmount } from '@gocker/kernel'
import { PullError } from '../error.ts'

/** What is in these is the kernel's answer to whoever reads it, and some of it leads anywhere. */
const KERNEL_TYPES = new Set([
  ...['proc', 'sysfs', 'cgroup', 'cgroup2', 'devpts', 'mqueue', 'securityfs', 'debugfs', 'tracefs', 'bpf', 'configfs', 'efivarfs'],
  ...['binfmt_misc', 'pstore', 'fusectl', 'nsfs', 'autofs', 'rpc_pipefs', 'selinuxfs'],
])
const UMOUNT_NOFOLLOW = 8
// Somebody may move a mount point while it is looked for.
const ATTEMPTS = 8

/** The host's /proc, by which the calling thread still sees its mounts when that is not below its root any more. */
export function holdProc(): number {
  return openSync('/proc', OPEN_FLAGS.O_PATH | OPEN_FLAGS.O_DIRECTORY)
}

/**
 * Unmounts what is the kernel's from the calling thread's own mount namespace.
 * @param proc of {@link holdProc}
 * @throws {PullError} `NOT_PERMITTED` when something of it stays
 */
export function letGoOfKernelMounts(proc: number): void {
  unmountWhere(proc, ({ type }) => KERNEL_TYPES.has(type))
}

/** Unmounts everything but the root. */
export function leaveOnlyRoot(proc: number): void {
  unmountWhere(proc, ({ mountPoint }) => mountPoint !== '/')
}

function unmountWhere(proc: number, isUnwanted: (mount: MountInfo) => boolean): void {
  for (let attempt = 1; ; attempt++) {
    const unwanted = ownMounts(proc).filter(isUnwanted)
    if (unwanted.length === 0) return
    if (attempt > ATTEMPTS)
      throw new PullError('NOT_PERMITTED', `leaving out what is mounted on ${unwanted[0]?.mountPoint}: it does not go away`)
    // The last made first: it may cover another.
    for (const { mountPoint } of unwanted.reverse()) tryUnmount(mountPoint)
  }
}

/** Fails where it went with one above it, and where the path is not what it was: the next look tells. */
function tryUnmount(mountPoint: string): void {
  try {
    unmount(mountPoint, MNT_DETACH | UMOUNT_NOFOLLOW)
  } catch {}
}

/** Below the calling thread's root. */
function ownMounts(proc: number): MountInfo[] {
  const file = openBeneath(proc, 'thread-self/mountinfo', OPEN_FLAGS.O_RDONLY)
  try {
    return parseMountInfo(readFileSync(file, 'utf8'))
  } finally {
    closeSync(file)
  }
}
