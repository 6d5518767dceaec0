import { notifies } from './notify.ts'
import type { SeccompProfile } from './profile.ts'
import { invalidProfile } from './refusal.ts'

/** The call returns a descriptor, by which somebody is asked. */
const NEW_LISTENER = 1 << 3
/** Says how a call waits that somebody is asked about, and means nothing to other filters. */
const WAIT_KILLABLE_RECV = 1 << 5

const FLAGS: Readonly<Record<string, number>> = {
  // All threads: a launch program has one only.
  SECCOMP_FILTER_FLAG_TSYNC: 0,
  SECCOMP_FILTER_FLAG_LOG: 1 << 1,
  SECCOMP_FILTER_FLAG_SPEC_ALLOW: 1 << 2,
  SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV: WAIT_KILLABLE_RECV,
}

/**
 * The flags to pass to seccomp(2) with the filter. A profile that names none gets `SPEC_ALLOW`, as runc decides:
 * without it, kernels before 5.16 slow the container down by switching speculation off.
 * @throws {KernelError} `EINVAL` for an unknown flag
 * @see https://man7.org/linux/man-pages/man2/seccomp.2.html
 */
export function seccompFlags(profile: SeccompProfile): number {
  const flags = (profile.flags ?? ['SECCOMP_FILTER_FLAG_SPEC_ALLOW']).reduce((all, name) => all | flagValue(name), 0)
  return notifies(profile) ? flags | NEW_LISTENER : flags & ~WAIT_KILLABLE_RECV
}

function flagValue(name: string): number {
  const value = FLAGS[name]
  if (value !== undefined) return value
  throw invalidProfile(`unknown flag ${JSON.stringify(name)}, expected one of ${Object.keys(FLAGS).join(', ')}`)
}
