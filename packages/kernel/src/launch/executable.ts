import { closeSync, mkdtempSync, readlinkSync, rmSync, writeFileSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { memfd, seal } from '../door/memfd.ts'

/**
 * Calls `start` with the path of an executable that is gone as soon as `start` is done.
 * @param directory for a file, where memory may not be executed (vm.memfd_noexec, or a security module);
 *   without it there is no second try
 */
export function withExecutable<T>(
  image: Uint8Array,
  { directory, start }: { directory: string | undefined; start: (path: string) => T },
): T {
  try {
    return fromMemory(image, start)
  } catch (error) {
    if (directory === undefined || (error as { code?: unknown }).code !== 'EACCES') throw error
    return fromFile(image, directory, start)
  }
}

function fromMemory<T>(image: Uint8Array, start: (path: string) => T): T {
  const fd = memfd('gocker')
  try {
    writeAll(fd, image)
    seal(fd)
    // Not /proc/self: by the time it executes, the child has put its own descriptors over the low numbers.
    return start(`/proc/${readlinkSync('/proc/self')}/fd/${fd}`)
  } finally {
    closeSync(fd)
  }
}

function fromFile<T>(image: Uint8Array, parent: string, start: (path: string) => T): T {
  const directory = mkdtempSync(join(parent, 'launch-'))
  try {
    const path = join(directory, 'gocker')
    writeFileSync(path, image, { mode: 0o500 })
    return start(path)
  } finally {
    rmSync(directory, { recursive: true })
  }
}

function writeAll(fd: number, image: Uint8Array): void {
  for (let written = 0; written < image.length; ) written += writeSync(fd, image, written)
}
