import { pointers } from './execute.ts'
import { cString, errnoFailed, libcFunction } from './libc.ts'

export interface SpawnOptions {
  readonly path: string
  /** The first is the name that ps(1) shows. */
  readonly args: readonly string[]
  /** This process's descriptor for each of the new one's, from 0 on; undefined is /dev/null. It has no others that are close-on-exec here. */
  readonly descriptors: readonly (number | undefined)[]
  readonly cwd?: string | undefined
  /** In a session of its own. */
  readonly session: boolean
}

/**
 * Starts a program with an empty environment, default signal actions and no signal blocked. This process's memory is not copied, as fork
 * does, and node:child_process is not loaded; the caller has to wait for the child, see `waitNow`.
 * @returns the pid
 * @throws {KernelError} as execve(2) and chdir(2) do
 * @see posix_spawn(3)
 */
export function spawnProcess({ path, args, descriptors, cwd, session }: SpawnOptions): number {
  const actions = Buffer.alloc(FILE_ACTIONS_SIZE)
  const attributes = Buffer.alloc(ATTRIBUTES_SIZE)
  const pid = new Int32Array(1)
  check(initActions()(actions), path)
  check(initAttributes()(attributes), path)
  try {
    placeDescriptors(actions, descriptors)
    if (cwd !== undefined) check(addChdir()(actions, cString(cwd)), cwd)
    setFlags()(attributes, SETSIGDEF | SETSIGMASK | (session ? SETSID : 0))
    setDefault()(attributes, Buffer.alloc(SIGNAL_SET_SIZE, 0xff))
    setMask()(attributes, Buffer.alloc(SIGNAL_SET_SIZE))
    const vector = pointers(args)
    check(posixSpawn()(pid, cString(path), actions, attributes, vector.bytes, pointers([]).bytes), path)
    return pid[0] as number
  } finally {
    destroyActions()(actions)
    destroyAttributes()(attributes)
  }
}

/** One that would be overwritten before its turn is moved out of the way first. */
function placeDescriptors(actions: Buffer, descriptors: readonly (number | undefined)[]): void {
  const above = Math.max(descriptors.length, ...descriptors.map((fd) => fd ?? 0)) + 1
  const isInTheWay = (fd: number | undefined, target: number) => fd !== undefined && fd < descriptors.length && fd !== target
  const moved = descriptors.map((fd, target) => (isInTheWay(fd, target) ? above + target : fd))
  moved.forEach((fd, target) => {
    if (fd !== descriptors[target]) check(addDup2()(actions, descriptors[target] as number, fd as number), 'descriptors')
  })
  moved.forEach((fd, target) => {
    check(fd === undefined ? addOpen()(actions, target, '/dev/null', O_RDWR, 0) : addDup2()(actions, fd, target), 'descriptors')
  })
  moved.forEach((fd, target) => {
    if (fd !== descriptors[target]) check(addClose()(actions, fd as number), 'descriptors')
  })
}

/** These functions return an errno. */
function check(errno: number, what: string): void {
  if (errno !== 0) throw errnoFailed(errno, 'posix_spawn', what)
}

// Larger than any C library's.
const FILE_ACTIONS_SIZE = 256
const ATTRIBUTES_SIZE = 1024
const SIGNAL_SET_SIZE = 128
const SETSIGDEF = 4
const SETSIGMASK = 8
const SETSID = 0x80
const O_RDWR = 2

type Actions = Uint8Array
const initActions = libcFunction<(actions: Actions) => number>('posix_spawn_file_actions_init', 'int', ['void *'])
const destroyActions = libcFunction<(actions: Actions) => number>('posix_spawn_file_actions_destroy', 'int', ['void *'])
const addDup2 = libcFunction<(actions: Actions, from: number, to: number) => number>('posix_spawn_file_actions_adddup2', 'int', [
  'void *',
  'int',
  'int',
])
const addClose = libcFunction<(actions: Actions, fd: number) => number>('posix_spawn_file_actions_addclose', 'int', ['void *', 'int'])
const addOpen = libcFunction<(actions: Actions, fd: number, path: string, flags: number, mode: number) => number>(
  'posix_spawn_file_actions_addopen',
  'int',
  ['void *', 'int', 'str', 'int', 'uint'],
)
const addChdir = libcFunction<(actions: Actions, path: string | Buffer) => number>('posix_spawn_file_actions_addchdir_np', 'int', [
  'void *',
  'str',
])
const initAttributes = libcFunction<(attributes: Uint8Array) => number>('posix_spawnattr_init', 'int', ['void *'])
const destroyAttributes = libcFunction<(attributes: Uint8Array) => number>('posix_spawnattr_destroy', 'int', ['void *'])
const setFlags = libcFunction<(attributes: Uint8Array, flags: number) => number>('posix_spawnattr_setflags', 'int', ['void *', 'int'])
const setDefault = libcFunction<(attributes: Uint8Array, signals: Uint8Array) => number>('posix_spawnattr_setsigdefault', 'int', [
  'void *',
  'void *',
])
const setMask = libcFunction<(attributes: Uint8Array, signals: Uint8Array) => number>('posix_spawnattr_setsigmask', 'int', [
  'void *',
  'void *',
])
const posixSpawn = libcFunction<
  (pid: Int32Array, path: string | Buffer, actions: Actions, attributes: Uint8Array, args: Uint8Array, env: Uint8Array) => number
>('posix_spawn', 'int', ['void *', 'str', 'void *', 'void *', 'void *', 'void *'])
