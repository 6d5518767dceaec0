import { errnoFailed, lastErrno, libcFunction } from './libc.ts'

const OPERATIONS = { shared: 1, exclusive: 2, unlock: 8 } as const
const LOCK_NB = 4
const EINTR = 4
const EAGAIN = 11

/**
 * Locks an open file as a whole. The lock belongs to the open file, so the kernel gives it back when the process dies.
 * With `wait` the thread stands still until the lock is there.
 * @returns false where it would have had to wait and was not to
 * @throws {KernelError}
 * @see flock(2)
 */
export function flock(fd: number, operation: keyof typeof OPERATIONS, { wait }: { readonly wait: boolean }): boolean {
  const flags = OPERATIONS[operation] | (wait ? 0 : LOCK_NB)
  while (flockCall()(fd, flags) < 0) {
    const errno = lastErrno()
    if (errno === EAGAIN) return false
    if (errno !== EINTR) throw errnoFailed(errno, 'flock', `descriptor ${fd}`)
  }
  return true
}

const flockCall = libcFunction<(fd: number, operation: number) => number>('flock', 'int', ['int', 'int'])
