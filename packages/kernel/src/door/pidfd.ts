import { callFailed } from './libc.ts'
import { systemCall } from './system-call.ts'

/**
 * A descriptor that means this very process, even when its number is given to another one later.
 * @returns the descriptor, close-on-exec
 * @throws {KernelError} `ESRCH`
 * @see pidfd_open(2)
 */
export function pidfdOpen(pid: number): number {
  const fd = pidfdOpenCall(pid, 0)
  if (fd < 0) throw callFailed('pidfd_open', `process ${pid}`)
  return fd
}

/**
 * @param signal a number; 0 only asks whether the process is there
 * @throws {KernelError} `ESRCH` when the process is gone
 * @see pidfd_send_signal(2)
 */
export function pidfdSend(pidfd: number, signal: number): void {
  if (pidfdSendCall(pidfd, signal, null, 0) < 0) throw callFailed('pidfd_send_signal', `signal ${signal}`)
}

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

const pidfdOpenCall = systemCall('pidfd_open')
const pidfdSendCall = systemCall('pidfd_send_signal')
const pidfdGetfd = systemCall('pidfd_getfd')
