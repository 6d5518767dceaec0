import { callFailed, cString, libcFunction, type Path } from './libc.ts'

/** Since 1970, before it when negative; nanoseconds from 0 to 999999999. */
export interface FileTime {
  readonly seconds: number | bigint
  readonly nanoseconds: number
}

const AT_FDCWD = -100
const AT_SYMLINK_NOFOLLOW = 0x100

// Two `struct timespec`: one call a file, so the memory is made once.
const specs = new ArrayBuffer(32)
const bytes = new Uint8Array(specs)
const words = new Uint32Array(specs)
const longs = new BigInt64Array(specs)

/**
 * Sets when a file was read and written, to the nanosecond. A symlink is not followed.
 * @throws {KernelError}
 * @see utimensat(2)
 */
export function setTimes(file: Path | number, { atime, mtime }: { readonly atime: FileTime; readonly mtime: FileTime }): void {
  putTime(0, atime)
  putTime(2, mtime)
  const result = typeof file === 'number' ? futimens()(file, bytes) : utimensat()(AT_FDCWD, cString(file), bytes, AT_SYMLINK_NOFOLLOW)
  if (result < 0) throw callFailed('utimensat', typeof file === 'number' ? `descriptor ${file}` : `${file}`)
}

function putTime(at: 0 | 2, { seconds, nanoseconds }: FileTime): void {
  if (typeof seconds === 'bigint') longs[at] = seconds
  else {
    // Little-endian halves, two's complement: no BigInt is made on the usual path.
    words[2 * at] = seconds
    words[2 * at + 1] = Math.floor(seconds / 2 ** 32)
  }
  words[2 * at + 2] = nanoseconds
}

const utimensat = libcFunction<(directory: number, path: Path, times: Uint8Array, flags: number) => number>('utimensat', 'int', [
  'int',
  'str',
  'void *',
  'int',
])
const futimens = libcFunction<(fd: number, times: Uint8Array) => number>('futimens', 'int', ['int', 'void *'])
