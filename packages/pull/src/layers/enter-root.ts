import { CLONE_FLAGS, chroot, type Path, umask, unshare } from '@gocker/kernel'

/**
 * Makes `directory` the root of all that the calling thread does from now on, for good: there is no way back, so a thread serves one tree.
 * The kernel itself then resolves every path within it, symlinks met half way included.
 *
 * Only synchronous calls with absolute paths are confined: the pool's threads stay outside, and so does the working directory.
 * What the thread still needs from outside (modules, native code) has to be loaded before.
 * @throws {KernelError}
 */
export function enterRoot(directory: Path): void {
  unshare(CLONE_FLAGS.CLONE_FS)
  chroot(directory)
  umask(0)
}
