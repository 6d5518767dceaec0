import { KernelError } from '../error.ts'
import type { SeccompProfile } from './profile.ts'
import { invalidProfile } from './refusal.ts'

const NOTIFY = 'SCMP_ACT_NOTIFY'

/** Whether somebody is asked what to answer to system calls: seccomp(2) then returns a descriptor by which he hears of them. */
export function notifies({ syscalls = [] }: SeccompProfile): boolean {
  return syscalls.some(({ action }) => action === NOTIFY)
}

/**
 * Who installs such a filter has to pass the descriptor on before anybody can answer.
 * @throws {KernelError} `EINVAL`
 */
export function checkDefaultAction(action: string): void {
  if (action === NOTIFY) throw invalidProfile(`the default action is ${NOTIFY}, and nobody could be told of it: expected another one`)
}

/** For profiles that come without the agent's address. @throws {KernelError} `UNSUPPORTED` */
export function refuseToNotify(action: string): void {
  if (action !== NOTIFY) return
  throw new KernelError(
    'UNSUPPORTED',
    `reading the seccomp profile: ${NOTIFY} needs an agent that answers for the container, and gocker runs none`,
    { syscall: 'seccomp', hint: 'use SCMP_ACT_ERRNO or SCMP_ACT_LOG instead' },
  )
}
