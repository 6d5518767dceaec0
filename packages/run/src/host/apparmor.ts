import { readFileSync } from 'node:fs'
import { RunError } from '../error.ts'
import type { Security } from '../options/security.ts'

/** Docker's, which its engine loads: who has it on the machine has it for containers. */
const DEFAULT_PROFILE = 'docker-default'
const PROFILES = '/sys/kernel/security/apparmor/profiles'

export interface ApparmorRequest {
  readonly apparmor: Security['apparmor'] | undefined
  readonly privileged: boolean
}

/**
 * The profile that confines a container: the one that was asked for, else docker's where this machine has it, and none for a privileged one.
 * @param loaded the profiles that the kernel has; undefined where it confines nothing by profiles
 * @throws {RunError} `UNSUPPORTED` for one that this machine has not: nothing is passed over silently
 */
export function apparmorProfile({ apparmor, privileged }: ApparmorRequest, loaded = loadedProfiles()): string | undefined {
  if (apparmor === 'unconfined') return undefined
  if (apparmor === undefined) return !privileged && loaded?.has(DEFAULT_PROFILE) ? DEFAULT_PROFILE : undefined
  const confining = `confining the container by the AppArmor profile ${apparmor}`
  if (loaded === undefined) throw new RunError('UNSUPPORTED', `${confining}: this machine has no AppArmor`)
  if (loaded.has(apparmor)) return apparmor
  throw new RunError('UNSUPPORTED', `${confining}: the kernel has no such profile`, { hint: 'load it with apparmor_parser FILE' })
}

function loadedProfiles(): ReadonlySet<string> | undefined {
  try {
    return readProfiles(readFileSync(PROFILES, 'utf8'))
  } catch {
    return undefined
  }
}

/** A line is a profile's name and its mode: `docker-default (enforce)`. */
export function readProfiles(text: string): ReadonlySet<string> {
  const names = text.split('\n').map((line) => line.replace(/ \(\w+\)$/, ''))
  return new Set(names.filter((name) => name !== ''))
}
