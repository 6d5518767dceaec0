import { callFailed, cString, errnoFailed, lastErrno, libcFunction, type Path } from './libc.ts'

// The most that the kernel keeps in one attribute, and in the list of names. @see xattr(7)
const LARGEST = 65_536
const ENODATA = 61
const ENOTSUP = 95

let scratch: Buffer | undefined

/**
 * Extended attributes of a file, or of an open descriptor. A symlink is not followed.
 * @param name with its class: `user.x`, `security.capability`, `trusted.overlay.opaque`
 * @throws {KernelError}
 * @see setxattr(2)
 */
export function setXattr(file: Path | number, name: string, value: Uint8Array): void {
  const result =
    typeof file === 'number'
      ? fsetxattr()(file, name, value, value.byteLength, 0)
      : lsetxattr()(cString(file), name, value, value.byteLength, 0)
  if (result < 0) throw callFailed('setxattr', `${name} of ${describe(file)}`)
}

/**
 * @returns undefined where there is no such attribute
 * @throws {KernelError}
 * @see getxattr(2)
 */
export function getXattr(file: Path | number, name: string): Buffer | undefined {
  const value = buffer()
  const size = typeof file === 'number' ? fgetxattr()(file, name, value, LARGEST) : lgetxattr()(cString(file), name, value, LARGEST)
  if (size >= 0) return Buffer.from(value.subarray(0, size))
  const errno = lastErrno()
  if (errno === ENODATA || errno === ENOTSUP) return undefined
  throw errnoFailed(errno, 'getxattr', `${name} of ${describe(file)}`)
}

/**
 * The names, none where the file system has no attributes.
 * @throws {KernelError}
 * @see listxattr(2)
 */
export function listXattrs(file: Path | number): string[] {
  const names = buffer()
  const size = typeof file === 'number' ? flistxattr()(file, names, LARGEST) : llistxattr()(cString(file), names, LARGEST)
  if (size === 0) return []
  if (size > 0) return names.toString('utf8', 0, size - 1).split('\0')
  const errno = lastErrno()
  if (errno === ENOTSUP) return []
  throw errnoFailed(errno, 'listxattr', describe(file))
}

/**
 * @throws {KernelError} `ENODATA` where there is no such attribute
 * @see removexattr(2)
 */
export function removeXattr(file: Path | number, name: string): void {
  const result = typeof file === 'number' ? fremovexattr()(file, name) : lremovexattr()(cString(file), name)
  if (result < 0) throw callFailed('removexattr', `${name} of ${describe(file)}`)
}

function describe(file: Path | number): string {
  return typeof file === 'number' ? `descriptor ${file}` : `${file}`
}

function buffer(): Buffer {
  scratch ??= Buffer.allocUnsafeSlow(LARGEST)
  return scratch
}

type Set<File> = (file: File, name: string, value: Uint8Array, size: number, flags: number) => number
type Get<File> = (file: File, name: string, value: Uint8Array, size: number) => number
type List<File> = (file: File, names: Uint8Array, size: number) => number
type Remove<File> = (file: File, name: string) => number

const lsetxattr = libcFunction<Set<Path>>('lsetxattr', 'int', ['str', 'str', 'void *', 'size_t', 'int'])
const fsetxattr = libcFunction<Set<number>>('fsetxattr', 'int', ['int', 'str', 'void *', 'size_t', 'int'])
const lgetxattr = libcFunction<Get<Path>>('lgetxattr', 'long', ['str', 'str', 'void *', 'size_t'])
const fgetxattr = libcFunction<Get<number>>('fgetxattr', 'long', ['int', 'str', 'void *', 'size_t'])
const llistxattr = libcFunction<List<Path>>('llistxattr', 'long', ['str', 'void *', 'size_t'])
const flistxattr = libcFunction<List<number>>('flistxattr', 'long', ['int', 'void *', 'size_t'])
const lremovexattr = libcFunction<Remove<Path>>('lremovexattr', 'int', ['str', 'str'])
const fremovexattr = libcFunction<Remove<number>>('fremovexattr', 'int', ['int', 'str'])
