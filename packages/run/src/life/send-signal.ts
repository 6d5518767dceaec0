import { closeSync } from 'node:fs'
import { KernelError, pidfdOpen, pidfdSend } from '@gocker/kernel'
import { isAlive, type ProcessIdentity } from '@gocker/store'

/**
 * Sends a signal to a process, and to no other one that may have got its number meanwhile.
 * @param signal a number
 * @returns false when it has ended
 */
export function sendSignal(identity: ProcessIdentity, signal: number): boolean {
  try {
    const pidfd = pidfdOpen(identity.pid)
    try {
      if (!isAlive(identity)) return false
      pidfdSend(pidfd, signal)
      return true
    } finally {
      closeSync(pidfd)
    }
  } catch (error) {
    if (error instanceof KernelError && error.code === 'ESRCH') return false
    throw error
  }
}
