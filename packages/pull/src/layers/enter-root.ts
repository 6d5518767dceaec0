import { closeSync, openSync } from 'node:fs'
import { CLONE_FLAGS, changeDirectory, chroot, OPEN_FLAGS, type Path, umask, unshare } from '@gocker/kernel'

/**
 * Makes `directory` the root of all that the calling thread does from now on, for good.
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

/**
 * Does `work` in a thread whose root is `directory`, and goes back: by a descriptor, which nothing in the directory can name, as there is no
 * proc in it.
 * @throws {KernelError}
 */
export function insideRoot<T>(directory: Path, work: () => T): T {
  const [root, here] = [openDirectory('/'), openDirectory('.')]
  try {
    enterRoot(directory)
    const result = work()
    changeDirectory(root)
    chroot('.')
    changeDirectory(here)
    return result
  } finally {
    for (const fd of [root, here]) closeSync(fd)
  }
}

function openDirectory(path: string): number {
  return openSync(path, OPEN_FLAGS.O_PATH | OPEN_FLAGS.O_DIRECTORY)
}
