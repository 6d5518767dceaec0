import { CLONE_FLAGS, MOUNT_FLAGS, type Operand, perArchitecture, type Shown, shown } from '@gocker/kernel'

/** Numbers of the kernel's interface, under the kernel's own names; all but the two of open(2) are the same on x64 and arm64. */

export const AT_FDCWD = shown(-100, 'AT_FDCWD')
export const AT_EMPTY_PATH = 0x1000
export const AT_RECURSIVE = 0x8000
export const AT_REMOVEDIR = 0x200

const O_DIRECTORY = { x64: 0o200_000, arm64: 0o40_000 }
const O_PATH = 0o10_000_000
const O_CREAT = 0o100
export const O_WRONLY = 1
export const O_RDWR = 2
export const O_NOCTTY = 0o400
export const O_NONBLOCK = 0o4000
export const O_CLOEXEC = 0o2_000_000
export const RESOLVE_NO_SYMLINKS = 0x04

/** Takes hold of a directory without opening it. */
export const HOLD_DIRECTORY = shown(
  perArchitecture({ x64: O_PATH | O_CLOEXEC | O_DIRECTORY.x64, arm64: O_PATH | O_CLOEXEC | O_DIRECTORY.arm64 }),
  'O_PATH|O_DIRECTORY|O_CLOEXEC',
)
/** Makes a file where there is none, through dangling symlinks too. */
export const TOUCH = shown(O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 'O_CREAT|O_NONBLOCK|O_NOCTTY|O_CLOEXEC')

export const OPEN_TREE_CLONE = 1
export const OPEN_TREE_CLOEXEC = O_CLOEXEC
export const MOVE_MOUNT_F_EMPTY_PATH = 0x04
export const MOVE_MOUNT_T_SYMLINKS = 0x10
export const FSCONFIG_SET_STRING = 1
export const FSCONFIG_CMD_CREATE = 6

export const S_IFREG = 0o100_000
export const S_IFCHR = 0o020_000
export const S_IFBLK = 0o060_000
export const S_IFIFO = 0o010_000

export const SIGKILL = 9
export const SIGUSR1 = 10
export const SIGCHLD = 17
export const SIG_BLOCK = 0
export const SIG_SETMASK = 2
/** Of sigset_t, as the kernel counts it. */
export const SIGNAL_SET_SIZE = 8

export const PR_SET_PDEATHSIG = 1
export const PR_SET_KEEPCAPS = 8
export const PR_CAPBSET_DROP = 24
export const PR_SET_NO_NEW_PRIVS = 38
export const PR_CAP_AMBIENT = 47
export const PR_CAP_AMBIENT_RAISE = 2
export const PR_CAP_AMBIENT_CLEAR_ALL = 4

/** Errors by their numbers, for rows that look at a result themselves. */
export const EACCES = 13

/** `CLONE_NEWNS|CLONE_NEWPID` of those two, for mount(2) likewise. */
export function cloneFlags(names: readonly (keyof typeof CLONE_FLAGS)[]): Shown {
  return named(names, CLONE_FLAGS)
}

export function mountFlags(flags: number): Operand {
  const names = (Object.keys(MOUNT_FLAGS) as (keyof typeof MOUNT_FLAGS)[]).filter((name) => (flags & MOUNT_FLAGS[name]) !== 0)
  return names.length === 0 ? 0 : named(names, MOUNT_FLAGS)
}

function named<Name extends string>(names: readonly Name[], numbers: Readonly<Record<Name, number>>): Shown {
  return shown(
    names.reduce((sum, name) => sum + numbers[name], 0),
    names.join('|'),
  )
}
