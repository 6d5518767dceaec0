import { callFailed, cString, libcFunction, type Path } from './libc.ts'

/** What a thread can have to itself. @see clone(2), unshare(2), setns(2) */
export const CLONE_FLAGS = {
  CLONE_NEWTIME: 0x80,
  CLONE_VM: 0x100,
  CLONE_FS: 0x200,
  CLONE_FILES: 0x400,
  CLONE_SIGHAND: 0x800,
  CLONE_PIDFD: 0x1000,
  CLONE_VFORK: 0x4000,
  CLONE_PARENT: 0x8000,
  CLONE_THREAD: 0x1_0000,
  CLONE_NEWNS: 0x2_0000,
  CLONE_SYSVSEM: 0x4_0000,
  CLONE_NEWCGROUP: 0x200_0000,
  CLONE_NEWUTS: 0x400_0000,
  CLONE_NEWIPC: 0x800_0000,
  CLONE_NEWUSER: 0x1000_0000,
  CLONE_NEWPID: 0x2000_0000,
  CLONE_NEWNET: 0x4000_0000,
} as const

/**
 * Gives the calling thread, and no other of the process, its own of what `flags` name.
 * @param flags of {@link CLONE_FLAGS}
 * @throws {KernelError}
 * @see unshare(2)
 */
export function unshare(flags: number): void {
  if (unshareCall()(flags) < 0) throw callFailed('unshare', `0x${flags.toString(16)}`)
}

/**
 * Joins the calling thread to a namespace, or to those of a process.
 * @param fd of `/proc/<pid>/ns/<name>`, or a pidfd
 * @param flags the kinds of namespaces; 0 for any kind
 * @throws {KernelError}
 * @see setns(2)
 */
export function setns(fd: number, flags = 0): void {
  if (setnsCall()(fd, flags) < 0) throw callFailed('setns', `0x${flags.toString(16)}`)
}

/**
 * Changes `/` of every thread that shares the caller's view of the file system: unshare(CLONE_FS) first.
 * The working directory stays where it was.
 * @throws {KernelError}
 * @see chroot(2)
 */
export function chroot(path: Path): void {
  if (chrootCall()(cString(path)) < 0) throw callFailed('chroot', `${path}`)
}

/**
 * Changes the working directory of every thread that shares the caller's view of the file system: Node's own process.chdir is refused in
 * worker threads.
 * @param fd of a directory, which may be outside of the caller's root
 * @throws {KernelError}
 * @see chdir(2)
 */
export function changeDirectory(fd: number): void {
  if (fchdirCall()(fd) < 0) throw callFailed('fchdir', `descriptor ${fd}`)
}

/**
 * Node's own process.umask is refused in worker threads.
 * @returns the mask before
 * @see umask(2)
 */
export function umask(mask: number): number {
  return umaskCall()(mask)
}

const unshareCall = libcFunction<(flags: number) => number>('unshare', 'int', ['int'])
const setnsCall = libcFunction<(fd: number, flags: number) => number>('setns', 'int', ['int', 'int'])
const chrootCall = libcFunction<(path: Path) => number>('chroot', 'int', ['str'])
const fchdirCall = libcFunction<(fd: number) => number>('fchdir', 'int', ['int'])
const umaskCall = libcFunction<(mask: number) => number>('umask', 'uint', ['uint'])
