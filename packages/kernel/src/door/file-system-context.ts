import { closeSync } from 'node:fs'
import { callFailed, type Path } from './libc.ts'
import { systemCall } from './system-call.ts'

const FSOPEN_CLOEXEC = 1
const FSMOUNT_CLOEXEC = 1
const MOVE_MOUNT_F_EMPTY_PATH = 4
const AT_FDCWD = -100
const FSCONFIG_SET_FLAG = 0
const FSCONFIG_SET_STRING = 1
const FSCONFIG_CMD_CREATE = 6

export interface FileSystem {
  readonly type: string
  /** In their order, any number of them and of any length together: the page of mount(2) does not bound them. */
  readonly parameters: readonly { readonly key: string /** A flag, when there is none. */; readonly value?: string }[]
  /** Of MOUNT_ATTR_*: mount_setattr(2). */
  readonly attributes?: number
}

export interface FileSystemMount extends FileSystem {
  readonly target: Path
}

/**
 * Mounts a new file system, parameter by parameter.
 * @throws {KernelError} naming the parameter that was refused
 * @see fsopen(2), fsconfig(2), fsmount(2), move_mount(2); Linux 5.2
 */
export function mountFileSystem({ target, ...fileSystem }: FileSystemMount): void {
  const mounted = openFileSystem(fileSystem)
  try {
    moveMounted(mounted, target)
  } finally {
    closeSync(mounted)
  }
}

/**
 * Mounts a new file system nowhere: it is seen by its descriptor alone, as `/proc/self/fd/<descriptor>`, and is gone when that is closed.
 * @throws {KernelError} naming the parameter that was refused
 */
export function openFileSystem({ type, parameters, attributes = 0 }: FileSystem): number {
  const context = checked(fsopen(type, FSOPEN_CLOEXEC), 'fsopen', type)
  try {
    for (const { key, value } of parameters) {
      const command = value === undefined ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING
      checked(fsconfig(context, command, key, value ?? null, 0), 'fsconfig', `${type} ${key}${value === undefined ? '' : `=${value}`}`)
    }
    checked(fsconfig(context, FSCONFIG_CMD_CREATE, null, null, 0), 'fsconfig', `${type}: create`)
    return checked(fsmount(context, FSMOUNT_CLOEXEC, attributes), 'fsmount', type)
  } finally {
    closeSync(context)
  }
}

/**
 * Gives a file system that is mounted nowhere its place.
 * @throws {KernelError}
 */
export function moveMounted(mounted: number, target: Path): void {
  checked(moveMount(mounted, '', AT_FDCWD, `${target}`, MOVE_MOUNT_F_EMPTY_PATH), 'move_mount', `descriptor ${mounted} on ${target}`)
}

function checked(result: number, syscall: string, what: string): number {
  if (result < 0) throw callFailed(syscall, what)
  return result
}

const fsopen = systemCall('fsopen')
const fsconfig = systemCall('fsconfig')
const fsmount = systemCall('fsmount')
const moveMount = systemCall('move_mount')
