import { shown, slot, value } from '@gocker/kernel'
import type { PlanWith } from './plan.ts'

const KEYCTL_JOIN_SESSION_KEYRING = shown(1, 'KEYCTL_JOIN_SESSION_KEYRING')
const KEYCTL_SETPERM = shown(5, 'KEYCTL_SETPERM')
/** What a new one allows, KEY_POS_ALL|KEY_USR_VIEW|KEY_USR_READ|KEY_USR_LINK, and KEY_USR_SEARCH. */
const TO_BE_FOUND = 0x3f1b0000

const keyring = slot('session keyring')

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
    result: keyring,
    // Kernels without keys, and sandboxes that forbid them.
    pass: ['ENOSYS'],
    onError: 'without keys',
  })
  // By its name, or each command that joins would have one of its own.
  program.row({ name: 'let it be found', call: 'keyctl', args: [KEYCTL_SETPERM, value(keyring), TO_BE_FOUND] })
  program.label('without keys')
}
