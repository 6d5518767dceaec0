import { CLONE_FLAGS, MOUNT_FLAGS, type Operand, perArchitecture, type Shown, shown } from '@gocker/kernel'

/** Numbers of the kernel's interface, under the kernel's own names; all but the two of open(2) are the same on x64 and arm64. */

export const AT_FDCWD = shown(-100, 'AT_FDCWD')
export const AT_EMPTY_PATH = 0x1000
export const AT_RECURSIVE = 0x8000
export const AT_REMOVEDIR = shown(0x200, 'AT_REMOVEDIR')

const O_DIRECTORY = { x64: 0o200_000, arm64: 0o40_000 }
const O_PATH = 0o10_000_000
const O_CREAT = 0o100
const O_EXCL = 0o200
const O_WRONLY = 1
const O_RDWR = 2
const O_NOCTTY = 0o400
const O_TRUNC = 0o1000
const O_APPEND = 0o2000
const O_NONBLOCK = 0o4000
export const O_CLOEXEC = 0o2_000_000
export const RESOLVE_NO_XDEV = 0x01
export const RESOLVE_NO_MAGICLINKS = 0x02
export const RESOLVE_NO_SYMLINKS = 0x04
export const RESOLVE_BENEATH = 0x08
/** Of struct open_how. */
export const OPEN_HOW_SIZE = 24

export const TO_READ = shown(O_CLOEXEC, 'O_RDONLY|O_CLOEXEC')
export const TO_WRITE = shown(O_WRONLY | O_CLOEXEC, 'O_WRONLY|O_CLOEXEC')
export const TO_BE_TERMINAL = shown(O_RDWR | O_NOCTTY | O_CLOEXEC, 'O_RDWR|O_NOCTTY|O_CLOEXEC')
export const TO_READ_AND_WRITE = shown(O_RDWR | O_CLOEXEC, 'O_RDWR|O_CLOEXEC')
export const TO_APPEND = shown(O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 'O_WRONLY|O_CREAT|O_APPEND|O_CLOEXEC')
/** Makes a file, or empties the one that is there. */
export const TO_WRITE_ANEW = shown(O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 'O_WRONLY|O_CREAT|O_TRUNC|O_CLOEXEC')
/** A terminal's master that never makes its reader or writer wait. */
export const NEVER_WAITING = shown(O_RDWR | O_NOCTTY | O_NONBLOCK | O_CLOEXEC, 'O_RDWR|O_NOCTTY|O_NONBLOCK|O_CLOEXEC')
/** Takes hold of a file of any kind without opening it. */
export const HOLD = shown(O_PATH | O_CLOEXEC, 'O_PATH|O_CLOEXEC')
/** Makes a file and nothing else: who finds one there fails. */
export const TO_MAKE = shown(O_CREAT | O_EXCL | O_WRONLY | O_CLOEXEC, 'O_CREAT|O_EXCL|O_WRONLY|O_CLOEXEC')
/** Takes hold of a directory without opening it. */
export const HOLD_DIRECTORY = shown(
  perArchitecture({ x64: O_PATH | O_CLOEXEC | O_DIRECTORY.x64, arm64: O_PATH | O_CLOEXEC | O_DIRECTORY.arm64 }),
  'O_PATH|O_DIRECTORY|O_CLOEXEC',
)
/** Makes a file where there is none, through dangling symlinks too. */
export const TOUCH = shown(O_CREAT | O_NONBLOCK | O_NOCTTY | O_CLOEXEC, 'O_CREAT|O_NONBLOCK|O_NOCTTY|O_CLOEXEC')

/** A copy of a mount, of all below it, or of the one that a descriptor is in. */
export const CLONE_TREE = shown(1 | O_CLOEXEC, 'OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC')
export const CLONE_OPENED_TREE = shown(1 | O_CLOEXEC | AT_EMPTY_PATH, 'OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH')
export const CLONE_TREES = shown(1 | O_CLOEXEC | AT_RECURSIVE, 'OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_RECURSIVE')
export const CLONE_OPENED = shown(1 | O_CLOEXEC | AT_EMPTY_PATH, 'OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH')
export const CLONE_OPENED_TREES = shown(
  1 | O_CLOEXEC | AT_EMPTY_PATH | AT_RECURSIVE,
  'OPEN_TREE_CLONE|OPEN_TREE_CLOEXEC|AT_EMPTY_PATH|AT_RECURSIVE',
)
export const MOVE_OPENED = shown(0x04, 'MOVE_MOUNT_F_EMPTY_PATH')
export const MOVE_OPENED_TO_OPENED = shown(0x04 | 0x40, 'MOVE_MOUNT_F_EMPTY_PATH|MOVE_MOUNT_T_EMPTY_PATH')
export const FSCONFIG_SET_FLAG = shown(0, 'FSCONFIG_SET_FLAG')
export const FSCONFIG_SET_STRING = shown(1, 'FSCONFIG_SET_STRING')
export const FSCONFIG_CMD_CREATE = shown(6, 'FSCONFIG_CMD_CREATE')

export const S_IFREG = 0o100_000
export const S_IFCHR = 0o020_000
export const S_IFBLK = 0o060_000
export const S_IFIFO = 0o010_000

const SIGKILL = 9
export const SIGUSR1 = 10
export const SIGCHLD = 17
export const SIGURG = 23
export const SIG_BLOCK = shown(0, 'SIG_BLOCK')
/** Of sigset_t, as the kernel counts it. */
export const SIGNAL_SET_SIZE = 8

export const PR_SET_PDEATHSIG = shown(1, 'PR_SET_PDEATHSIG')
export const PR_SET_KEEPCAPS = shown(8, 'PR_SET_KEEPCAPS')
export const PR_CAPBSET_DROP = shown(24, 'PR_CAPBSET_DROP')
export const PR_SET_NO_NEW_PRIVS = shown(38, 'PR_SET_NO_NEW_PRIVS')
export const PR_CAP_AMBIENT = shown(47, 'PR_CAP_AMBIENT')
export const PR_CAP_AMBIENT_RAISE = shown(2, 'PR_CAP_AMBIENT_RAISE')
export const PR_CAP_AMBIENT_CLEAR_ALL = shown(4, 'PR_CAP_AMBIENT_CLEAR_ALL')

/** Errors by their numbers, for rows that look at a result themselves. */
export const EACCES = 13

/** The mode of a file, as people read it. */
export function mode(bits: number): Shown {
  return shown(bits, `0${bits.toString(8)}`)
}

/** A signal under its name. */
export function signal(name: 'SIGKILL' | 'SIGUSR1' | 'SIGCHLD'): Shown {
  return shown({ SIGKILL, SIGUSR1, SIGCHLD }[name], name)
}

/** `CLONE_NEWNS|CLONE_NEWPID` of those two, for mount(2) likewise. */
export function cloneFlags(names: readonly (keyof typeof CLONE_FLAGS)[]): Shown {
  return named(names, CLONE_FLAGS)
}

const MOUNT_FLAG_NAMES = Object.keys(MOUNT_FLAGS) as (keyof typeof MOUNT_FLAGS)[]

export function mountFlags(flags: number): Operand {
  const names = MOUNT_FLAG_NAMES.filter((name) => (flags & MOUNT_FLAGS[name]) !== 0)
  return names.length === 0 ? 0 : named(names, MOUNT_FLAGS)
}

function named<Name extends string>(names: readonly Name[], numbers: Readonly<Record<Name, number>>): Shown {
  return shown(
    names.reduce((sum, name) => sum + numbers[name], 0),
    names.join('|'),
  )
}
