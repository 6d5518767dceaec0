import type { SeccompProfile } from './profile.ts'
import { invalidProfile } from './refusal.ts'

const FLAGS: Readonly<Record<string, number>> = {
  // All threads: a launch program has one only.
  SECCOMP_FILTER_FLAG_TSYNC: 0,
  SECCOMP_FILTER_FLAG_LOG: 1 << 1,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 1 << 2,
  // Says how a notified call waits, and nothing is notified.
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: 0,
}

/**
 * The flags to pass to seccomp(2) with the filter. A profile that names none gets `SPEC_ALLOW`, as runc decides:
 * without it, kernels before 5.16 slow the container down by switching speculation off.
 * @throws {KernelError} `EINVAL` for an unknown flag
 * @see https://man7.org/linux/man-pages/man2/seccomp.2.html
 */
export function seccompFlags(profile: SeccompProfile): number {
  return (profile.flags ?? ['SECCOMP_FILTER_FLAG_SPEC_ALLOW']).reduce((flags, name) => flags | flagValue(name), 0)
}

function flagValue(name: string): number {
  const value = FLAGS[name]
  if (value !== undefined) return value
  throw invalidProfile(`unknown flag ${JSON.stringify(name)}, expected one of ${Object.keys(FLAGS).join(', ')}`)
}
