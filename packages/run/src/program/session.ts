import { shown } from '@gocker/kernel'
import type { PlanWith } from './plan.ts'

const KEYCTL_JOIN_SESSION_KEYRING = shown(1, 'KEYCTL_JOIN_SESSION_KEYRING')

/** A session and a keyring of its own: no terminal of the host's, and no keys of root's. */
export function session(plan: PlanWith<'id'>): void {
  beginSession(plan)
  sessionKeyring(plan)
}

export function beginSession({ program }: PlanWith): void {
  const isolates = 'session and keyring: neither the terminal nor the keys of the host'
  program.row({ name: 'begin a session', call: 'setsid', isolates })
}

/** The container's: made by who comes first, joined by others. */
export function sessionKeyring({ program, facts }: PlanWith<'id'>): void {
  program.row({
    name: "take the container's session keyring",
    call: 'keyctl',
    args: [KEYCTL_JOIN_SESSION_KEYRING, `_ses.${facts.id}`],
    // Kernels without keys, and sandboxes that forbid them.
    pass: ['ENOSYS'],
  })
}
