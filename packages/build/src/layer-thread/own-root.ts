import { chmodSync, openSync, statSync } from 'node:fs'
import {
  CLONE_FLAGS,
  chroot,
  KernelError,
  MNT_DETACH,
  MOUNT_FLAGS,
  mount,
  mountOverlay,
  setns,
  umask,
  unmount,
  unshare,
} from '@gocker/kernel'
import type { CopyJob } from '../copy/copy-job.ts'

/**
 * What the calling thread sees of the file system, from now on its own: its mounts go with it, and nobody else sees them. It takes one
 * directory after another for its root, so that each path, and each symlink met half way, leads nowhere but into that.
 */
export class OwnRoot {
  readonly #namespace: number
  readonly #root: string

  constructor() {
    this.#root = identityOfRoot()
    unshare(CLONE_FLAGS.CLONE_FS | CLONE_FLAGS.CLONE_NEWNS)
    mount({ source: 'none', target: '/', flags: MOUNT_FLAGS.MS_REC | MOUNT_FLAGS.MS_PRIVATE })
    // Modes are given in full.
    umask(0)
    this.#namespace = openSync('/proc/thread-self/ns/mnt', 'r')
  }

  /** @param overlay its upper directory alone where nothing is below it */
  withinStage(overlay: CopyJob['overlay'], work: () => void): boolean {
    const isAlone = overlay.lowers.length === 0
    if (isAlone) chmodSync(overlay.upper, 0o755)
    // As all layers: they can be made again.
    else mountOverlay({ ...overlay, isVolatile: true })
    const isBack = this.within(isAlone ? overlay.upper : overlay.target, work)
    if (isBack && !isAlone) unmount(overlay.target, MNT_DETACH)
    return isBack
  }

  /** @returns whether the thread has found back to where it was, and can do more */
  within(directory: string, work: () => void): boolean {
    chroot(directory)
    work()
    return this.#leave()
  }

  /**
   * Joining a mount namespace takes its root, also where it is the one that one is in.
   * @see setns(2)
   */
  #leave(): boolean {
    try {
      setns(this.#namespace, CLONE_FLAGS.CLONE_NEWNS)
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      return false
    }
    // Of a process that has a root of its own, the namespace's is another.
    return identityOfRoot() === this.#root
  }
}

function identityOfRoot(): string {
  const { dev, ino } = statSync('/')
  return `${dev}:${ino}`
}
