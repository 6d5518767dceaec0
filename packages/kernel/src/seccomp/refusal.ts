import { KernelError } from '../error.ts'

/** A profile that says something wrong, and where. */
export function invalidProfile(why: string, cause?: unknown): KernelError {
  return new KernelError('EINVAL', `reading the seccomp profile: ${why}`, { syscall: 'seccomp', cause })
}
