import { constants } from 'node:os'
import { invalidProfile } from './refusal.ts'

const { EPERM, ENOSYS } = constants.errno
const MAX_ERRNO = 4095

const PLAIN: Readonly<Record<string, number>> = {
  SCMP_ACT_KILL: 0,
  SCMP_ACT_KILL_THREAD: 0,
  SCMP_ACT_KILL_PROCESS: 0x8000_0000,
  SCMP_ACT_TRAP: 0x0003_0000,
  SCMP_ACT_LOG: 0x7ffc_0000,
  SCMP_ACT_NOTIFY: 0x7fc0_0000,
  SCMP_ACT_ALLOW: 0x7fff_0000,
}

const WITH_DATA: Readonly<Record<string, number>> = {
  SCMP_ACT_ERRNO: 0x0005_0000,
  SCMP_ACT_TRACE: 0x7ff0_0000,
}

/** What a filter returns for a system call that this kernel, or this profile, is too old to know. */
export const UNKNOWN_CALL = 0x0005_0000 | ENOSYS

/** What libseccomp returns for calls of an architecture that the filter does not name. */
export const FOREIGN_ARCHITECTURE = 0

/**
 * The value that a filter returns for an action.
 * @throws {KernelError} `EINVAL` for an unknown one
 * @see https://man7.org/linux/man-pages/man2/seccomp.2.html
 */
export function actionValue(action: string, errnoRet: number | undefined): number {
  const plain = PLAIN[action]
  if (plain !== undefined) return plain
  const withData = WITH_DATA[action]
  if (withData !== undefined) return withData | checkedErrno(errnoRet ?? EPERM)
  throw invalidProfile(
    `unknown action ${JSON.stringify(action)}, expected one of ${[...Object.keys(PLAIN), ...Object.keys(WITH_DATA)].join(', ')}`,
  )
}

/** Whether a call may go on under this action, so that an answer of "no such call" would only disturb. */
export function letsThrough(action: string): boolean {
  return action === 'SCMP_ACT_ALLOW' || action === 'SCMP_ACT_LOG' || action === 'SCMP_ACT_TRACE'
}

function checkedErrno(errno: number): number {
  if (Number.isInteger(errno) && errno >= 0 && errno <= MAX_ERRNO) return errno
  throw invalidProfile(`errnoRet ${errno}, expected 0 to ${MAX_ERRNO}`)
}
