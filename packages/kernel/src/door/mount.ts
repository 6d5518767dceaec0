import { callFailed, cString, libcFunction, type Path } from './libc.ts'

/** @see mount(2), and include/uapi/linux/mount.h */
export const MOUNT_FLAGS = {
  MS_RDONLY: 1,
  MS_NOSUID: 1 << 1,
  MS_NODEV: 1 << 2,
  MS_NOEXEC: 1 << 3,
  MS_SYNCHRONOUS: 1 << 4,
  MS_REMOUNT: 1 << 5,
  MS_MANDLOCK: 1 << 6,
  MS_DIRSYNC: 1 << 7,
  MS_NOSYMFOLLOW: 1 << 8,
  MS_NOATIME: 1 << 10,
  MS_NODIRATIME: 1 << 11,
  MS_BIND: 1 << 12,
  MS_MOVE: 1 << 13,
  MS_REC: 1 << 14,
  MS_SILENT: 1 << 15,
  MS_POSIXACL: 1 << 16,
  MS_UNBINDABLE: 1 << 17,
  MS_PRIVATE: 1 << 18,
  MS_SLAVE: 1 << 19,
  MS_SHARED: 1 << 20,
  MS_RELATIME: 1 << 21,
  MS_I_VERSION: 1 << 23,
  MS_STRICTATIME: 1 << 24,
  MS_LAZYTIME: 1 << 25,
} as const

/** @see umount2(2) */
export const MNT_FORCE = 1
/** Gone from the tree at once, and unmounted when nobody uses it any more. */
export const MNT_DETACH = 2

export interface MountCall {
  /** A device, a directory to bind, or any word. */
  readonly source: Path
  readonly target: Path
  readonly type?: string
  /** Of {@link MOUNT_FLAGS}. */
  readonly flags?: number
  /** The file system's own options, with commas between. */
  readonly data?: string
}

/**
 * @throws {KernelError}
 * @see mount(2)
 */
export function mount({ source, target, type, flags = 0, data }: MountCall): void {
  const result = mountCall()(cString(source), cString(target), type ?? null, flags, data ?? null)
  if (result < 0) throw callFailed('mount', `${type ?? source} on ${target}`)
}

/**
 * @throws {KernelError}
 * @see umount2(2)
 */
export function unmount(target: Path, flags = 0): void {
  if (unmountCall()(cString(target), flags) < 0) throw callFailed('umount', `${target}`)
}

const mountCall = libcFunction<(source: Path, target: Path, type: string | null, flags: number, data: string | null) => number>(
  'mount',
  'int',
  ['str', 'str', 'str', 'ulong', 'str'],
)
const unmountCall = libcFunction<(target: Path, flags: number) => number>('umount2', 'int', ['str', 'int'])
