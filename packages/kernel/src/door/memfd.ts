import { callFailed, errnoFailed, lastErrno, libcFunction } from './libc.ts'
import { systemCall } from './system-call.ts'

const MFD_CLOEXEC = 1
const MFD_ALLOW_SEALING = 2
const MFD_EXEC = 0x10
const F_ADD_SEALS = 1033
const SEALS = { seal: 1, shrink: 2, grow: 4, write: 8 } as const
const EINVAL = 22

/**
 * A file in memory that may be executed and sealed.
 * @returns its descriptor, close-on-exec
 * @throws {KernelError} `EACCES` where vm.memfd_noexec forbids executable ones
 * @see memfd_create(2)
 */
export function memfd(name: string): number {
  const flags = MFD_CLOEXEC | MFD_ALLOW_SEALING
  let fd = memfdCreate(name, flags | MFD_EXEC)
  // Before Linux 6.3 every memfd was executable, and there was no flag to say so.
  if (fd < 0 && lastErrno() === EINVAL) fd = memfdCreate(name, flags)
  if (fd < 0) throw errnoFailed(lastErrno(), 'memfd_create', name)
  return fd
}

/**
 * Nobody can change or resize the file from now on, nor take that back.
 * @param fd of {@link memfd}, not mapped for writing
 * @throws {KernelError}
 * @see fcntl(2), F_ADD_SEALS
 */
export function seal(fd: number): void {
  const seals = SEALS.seal | SEALS.shrink | SEALS.grow | SEALS.write
  if (fcntl()(fd, F_ADD_SEALS, seals) < 0) throw callFailed('fcntl', `seals of descriptor ${fd}`)
}

const memfdCreate = systemCall('memfd_create')
const fcntl = libcFunction<(fd: number, command: number, value: number) => number>('fcntl', 'int', ['int', 'int', 'long'])
