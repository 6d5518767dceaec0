import { closeSync, constants, openSync } from 'node:fs'
import { release } from 'node:os'
import { moveMounted, openFileSystem } from '../door/file-system-context.ts'
import type { Path } from '../door/libc.ts'
import { KernelError } from '../error.ts'
import { MOUNT_ATTRIBUTES } from './attributes.ts'
import { attachLoopDevice } from './loop-device.ts'

/** A file that holds a tree, and the directory where the tree belongs. */
export interface ImageMount {
  readonly image: string
  readonly directory: string
}

/**
 * Mounts an EROFS image nowhere: its files are below `/proc/self/fd/<descriptor>` as long as that is open. Of the file itself where the kernel
 * can (Linux 6.12), else by a loop device, which goes with the mount.
 * @returns the descriptor, the caller's to close
 * @throws {KernelError}
 * @see https://docs.kernel.org/filesystems/erofs.html
 */
export function openImage(image: string): number {
  // By a descriptor: fsconfig(2) takes no text of more than 255 bytes.
  const file = openSync(image, constants.O_RDONLY)
  try {
    return openFile(image, file)
  } catch (error) {
    throw error instanceof KernelError ? named(error, image) : error
  } finally {
    closeSync(file)
  }
}

/**
 * Whether an image is mounted of the file itself here, without a loop device.
 * @throws {KernelError} where it cannot be mounted at all
 */
export function mountsFileItself(image: string): boolean {
  const file = openSync(image, constants.O_RDONLY)
  try {
    const mounted = openOfFile(file)
    if (mounted !== undefined) closeSync(mounted)
    return mounted !== undefined
  } finally {
    closeSync(file)
  }
}

/** Whether several may have one mounted image, and so its pages in memory: what is mounted nowhere can be copied since Linux 6.15. */
export function canShareImages(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number.parseFloat)
  return major > 6 || (major === 6 && minor >= 15)
}

function openFile(image: string, file: number): number {
  return openOfFile(file) ?? openByLoopDevice(image)
}

/** Nothing where the kernel takes no file. */
function openOfFile(file: number): number | undefined {
  try {
    return openErofs(`/proc/self/fd/${file}`)
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ENOTBLK') return undefined
    throw error
  }
}

function named(cause: KernelError, image: string): KernelError {
  const { code, syscall, message } = cause
  return new KernelError(code, `mounting ${image}: ${message}`, { syscall, cause })
}

/**
 * Puts the tree of an image where it belongs, in the calling thread's mount namespace.
 * @throws {KernelError}
 */
export function mountImage({ image, directory }: { readonly image: string; readonly directory: Path }): void {
  const mounted = openImage(image)
  try {
    moveMounted(mounted, directory)
  } finally {
    closeSync(mounted)
  }
}

function openByLoopDevice(image: string): number {
  const device = attachLoopDevice(image)
  try {
    return openErofs(device.path)
  } finally {
    device.close()
  }
}

function openErofs(source: string): number {
  return openFileSystem({ type: 'erofs', parameters: [{ key: 'source', value: source }, { key: 'ro' }], attributes: READ_ONLY })
}

const READ_ONLY = Number(MOUNT_ATTRIBUTES.MOUNT_ATTR_RDONLY)
