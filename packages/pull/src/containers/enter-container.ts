import { closeSync, openSync } from 'node:fs'
import { CLONE_FLAGS, chroot, MOUNT_FLAGS, mount, OPEN_FLAGS, processStartTime, setns, umask, unshare } from '@gocker/kernel'
import { PullError } from '../error.ts'
import type { ContainerPlace, RunningPlace } from './container-place.ts'
import { holdProc, leaveOnlyRoot, letGoOfKernelMounts } from './kernel-mounts.ts'
import { mountStopped } from './mount-stopped.ts'

export interface EnterOptions {
  /** Without volumes, binds and memory: the container's own file system alone. */
  readonly alone?: boolean
}

/**
 * Makes a container's file system the root of the calling thread, for good. The mounts that it takes for that are in a namespace of the
 * thread's own. There is no file system of the kernel's in it: a symlink of /proc could lead out of the container, also where somebody
 * swaps files for symlinks meanwhile. And `..` ends at the container's root, wherever directories are moved.
 *
 * What the thread still needs from outside (modules, native code) has to be loaded before: nothing of the container is ever executed.
 * @throws {PullError} `NOT_FOUND` when the container has ended meanwhile; {KernelError}
 */
export function enterContainer(place: ContainerPlace, { alone = false }: EnterOptions = {}): void {
  const proc = holdProc()
  try {
    if (place.kind === 'running') joinMounts(place)
    else mountStopped(alone ? { ...place, binds: [] } : place)
    if (alone && place.kind === 'running') leaveOnlyRoot(proc)
    letGoOfKernelMounts(proc)
  } finally {
    closeSync(proc)
  }
  umask(0)
}

/** A copy of the container's mounts: what is let go of here stays there. */
function joinMounts(place: RunningPlace): void {
  const namespace = openNamespace(place)
  try {
    unshare(CLONE_FLAGS.CLONE_FS)
    setns(namespace, CLONE_FLAGS.CLONE_NEWNS)
    unshare(CLONE_FLAGS.CLONE_NEWNS)
    mount({ source: 'none', target: '/', flags: MOUNT_FLAGS.MS_REC | MOUNT_FLAGS.MS_PRIVATE })
    chroot('/')
  } finally {
    closeSync(namespace)
  }
}

/** The number may be another process's by now: it is asked again when the descriptor is there. */
function openNamespace({ name, pid, startTime }: RunningPlace): number {
  const gone = (cause?: unknown) => new PullError('NOT_FOUND', `opening the files of container ${name}: it has ended meanwhile`, { cause })
  let namespace: number
  try {
    namespace = openSync(`/proc/${pid}/ns/mnt`, OPEN_FLAGS.O_RDONLY)
  } catch (cause) {
    throw gone(cause)
  }
  if (processStartTime(pid) === startTime) return namespace
  closeSync(namespace)
  throw gone()
}
