import { readFileSync } from 'node:fs'
import { defaultSeccompProfile, hostArchitecture } from '@gocker/kernel'
import type { RuntimeSeccomp } from '@gocker/oci'
import { RunError } from '../error.ts'
import { parseSecurity } from '../options/security.ts'

export interface SeccompRequest {
  readonly privileged: boolean
  readonly securityOpt: readonly string[]
  readonly capabilities: readonly string[]
}

/**
 * The profile that was asked for; docker's for who asks for nothing, none for a privileged container.
 * @throws {RunError} `INVALID_OPTION` for a file that cannot be read, {KernelError} for one that is no profile
 */
export async function seccompProfile({ privileged, securityOpt, capabilities }: SeccompRequest): Promise<RuntimeSeccomp | undefined> {
  const { seccomp } = parseSecurity(securityOpt)
  const host = { capabilities, architecture: hostArchitecture() }
  if (typeof seccomp === 'object') {
    const { parseSeccompProfile } = await import('@gocker/kernel')
    return parseSeccompProfile(readProfile(seccomp.file), host)
  }
  return seccomp === 'unconfined' || privileged ? undefined : defaultSeccompProfile(host)
}

function readProfile(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new RunError('INVALID_OPTION', `reading seccomp profile ${file}: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}
