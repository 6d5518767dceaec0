import { constants } from 'node:fs'
import { cString, errnoFailed, lastErrno, type Path } from './libc.ts'
import { systemCall } from './system-call.ts'

/** What node:fs has no constant for. @see open(2) */
export const OPEN_FLAGS = {
  O_RDONLY: constants.O_RDONLY,
  O_WRONLY: constants.O_WRONLY,
  O_RDWR: constants.O_RDWR,
  O_CREAT: constants.O_CREAT,
  O_EXCL: constants.O_EXCL,
  O_TRUNC: constants.O_TRUNC,
  O_APPEND: constants.O_APPEND,
  O_NONBLOCK: constants.O_NONBLOCK,
  O_NOCTTY: constants.O_NOCTTY,
  O_DIRECTORY: constants.O_DIRECTORY,
  O_NOFOLLOW: constants.O_NOFOLLOW,
  O_CLOEXEC: 0o2_000_000,
  O_PATH: 0o10_000_000,
  O_TMPFILE: 0o20_000_000 | constants.O_DIRECTORY,
} as const

const RESOLVE_NO_MAGICLINKS = 0x02
const RESOLVE_BENEATH = 0x08
const RESOLVE_IN_ROOT = 0x10
const O_TMPFILE_ALONE = 0o20_000_000
const EINTR = 4
const EAGAIN = 11
const ATTEMPTS = 128

// struct open_how
const how = new BigUint64Array(new ArrayBuffer(24))
const howBytes = new Uint8Array(how.buffer)

/**
 * Opens a file below a directory; whatever leads out of it, by `..`, by `/` or by a symlink, is refused.
 * @param flags of {@link OPEN_FLAGS}; close-on-exec is always set
 * @returns the descriptor
 * @throws {KernelError} `EXDEV` for what leads out, `ELOOP` for a magic link of /proc
 * @see openat2(2), RESOLVE_BENEATH
 */
export function openBeneath(directory: number, path: Path, flags: number, mode = 0): number {
  return open({ directory, path, flags, mode, resolve: RESOLVE_BENEATH })
}

/**
 * Opens a file as a process would see it whose root is the directory: `/` and `..` stop there.
 * @param flags of {@link OPEN_FLAGS}; close-on-exec is always set
 * @returns the descriptor
 * @throws {KernelError} `ELOOP` for a magic link of /proc
 * @see openat2(2), RESOLVE_IN_ROOT
 */
export function openInRoot(directory: number, path: Path, flags: number, mode = 0): number {
  return open({ directory, path, flags, mode, resolve: RESOLVE_IN_ROOT })
}

interface Opening {
  readonly directory: number
  readonly path: Path
  readonly flags: number
  readonly mode: number
  readonly resolve: number
}

function open({ directory, path, flags, mode, resolve }: Opening): number {
  const creates = (flags & (OPEN_FLAGS.O_CREAT | O_TMPFILE_ALONE)) !== 0
  how[0] = BigInt(flags | OPEN_FLAGS.O_CLOEXEC)
  how[1] = BigInt(creates ? mode : 0)
  how[2] = BigInt(resolve | RESOLVE_NO_MAGICLINKS)
  const name = cString(path)
  for (let attempt = 1; ; attempt++) {
    const fd = openat2(directory, name, howBytes, howBytes.byteLength)
    if (fd >= 0) return fd
    const errno = lastErrno()
    // EAGAIN: something above was renamed meanwhile, so the kernel cannot vouch for `..`.
    if ((errno !== EAGAIN && errno !== EINTR) || attempt === ATTEMPTS) throw errnoFailed(errno, 'openat2', `${path}`)
  }
}

const openat2 = systemCall('openat2')
