import { errnoName, errnoText } from '../door/errno.ts'
import { KernelError } from '../error.ts'
import type { Acknowledgement } from './codec/acknowledgement.ts'

/** `netlink newlink gocker0: EEXIST (file exists)`, and behind it the kernel's own words where it has any. */
export function refused(what: string, { errno, text }: Acknowledgement): KernelError {
  const code = errnoName(errno)
  const words = text === undefined || text === '' ? '' : `: ${text}`
  return new KernelError(code, `netlink ${what}: ${code} (${errnoText(errno)})${words}`, { syscall: 'netlink' })
}

/** Whether the work threw for this reason and no other. */
export function isRefusal(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof KernelError && codes.includes(error.code)
}
