import { callFailed, errnoFailed, lastErrno, libcFunction } from './libc.ts'

/** Where {@link seek} counts from, or what it looks for. @see lseek(2) */
export const SEEK = { SET: 0, CUR: 1, END: 2, DATA: 3, HOLE: 4 } as const

const ENXIO = 6

/**
 * Copies within the kernel, from and to where the descriptors stand.
 * @returns the bytes copied, which may be fewer; 0 at the end of the file
 * @throws {KernelError} `EXDEV`, `EINVAL` or `ENOTSUP` where these two files cannot be copied so
 * @see copy_file_range(2)
 */
export function copyRange(from: number, to: number, length: number): number {
  const copied = copyFileRange()(from, null, to, null, length, 0)
  if (copied < 0) throw callFailed('copy_file_range', `from descriptor ${from} to ${to}`)
  return copied
}

/**
 * @param whence of {@link SEEK}
 * @returns the new offset; undefined where there is no data (`SEEK.DATA`) or no file (`SEEK.HOLE`) from `offset` on
 * @throws {KernelError}
 * @see lseek(2)
 */
export function seek(fd: number, offset: number, whence: (typeof SEEK)[keyof typeof SEEK]): number | undefined {
  const position = lseek()(fd, offset, whence)
  if (position >= 0) return position
  const errno = lastErrno()
  if (errno === ENXIO && whence >= SEEK.DATA) return undefined
  throw errnoFailed(errno, 'lseek', `descriptor ${fd}`)
}

const lseek = libcFunction<(fd: number, offset: number, whence: number) => number>('lseek', 'long', ['int', 'int64', 'int'])
const copyFileRange = libcFunction<(from: number, fromOffset: null, to: number, toOffset: null, length: number, flags: number) => number>(
  'copy_file_range',
  'long',
  ['int', 'void *', 'int', 'void *', 'size_t', 'uint'],
)
