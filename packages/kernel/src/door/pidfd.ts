import { callFailed } from './libc.ts'
import { systemCall } from './system-call.ts'

/**
 * Takes a copy of a descriptor that another process has open; both then mean the same open file.
 * @param descriptor its number in that process
 * @returns the copy, close-on-exec
 * @throws {KernelError} `EBADF` when it has none of that number, `ESRCH` when it is gone, `EPERM` when it may not be traced
 * @see pidfd_getfd(2)
 */
export function pidfdTake(pidfd: number, descriptor: number): number {
  const fd = pidfdGetfd(pidfd, descriptor, 0)
  if (fd < 0) throw callFailed('pidfd_getfd', `descriptor ${descriptor}`)
  return fd
}

const pidfdGetfd = systemCall('pidfd_getfd')
