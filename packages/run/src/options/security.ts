import { invalidOption, RunError } from '../error.ts'
import { splitKeyValue } from './key-value.ts'

/** What `--security-opt` asks for, all of it together. */
export interface Security {
  readonly noNewPrivileges: boolean
  /** `default` is docker's profile, anything else the path of a profile. */
  readonly seccomp: 'default' | 'unconfined' | { readonly file: string }
  /** `/proc` and `/sys` without masks. */
  readonly unmaskedPaths: boolean
  /** A profile's name, or `unconfined`; undefined: whichever there is for containers. */
  readonly apparmor?: string
}

/**
 * Reads `no-new-privileges`, `seccomp=unconfined|builtin|FILE`, `systempaths=unconfined`, `apparmor=unconfined|PROFILE`, `label=disable`.
 * @throws {RunError} `INVALID_OPTION`, `UNSUPPORTED` for a label that gocker could not apply
 */
export function parseSecurity(texts: readonly string[]): Security {
  const defaults: Security = { noNewPrivileges: false, seccomp: 'default', unmaskedPaths: false }
  return Object.assign(defaults, ...texts.map(parseOne))
}

function parseOne(text: string): Partial<Security> {
  // Docker's first texts had a colon.
  const { key, value } = splitKeyValue(text.includes('=') ? text : text.replace(':', '='))
  switch (key) {
    case 'no-new-privileges':
      return { noNewPrivileges: readBoolean(value ?? 'true', text) }
    case 'seccomp':
      return { seccomp: readSeccomp(value, text) }
    case 'systempaths':
      if (value === 'unconfined') return { unmaskedPaths: true }
      throw invalidOption('security option', text, 'systempaths can only be unconfined')
    case 'apparmor':
      if (value !== undefined && value !== '') return { apparmor: value }
      throw invalidOption('security option', text, 'apparmor is unconfined, or the name of a profile')
    case 'label':
      if (value === 'disable') return {}
      throw new RunError('UNSUPPORTED', `applying security option ${JSON.stringify(text)}: gocker sets no labels of SELinux`)
    default:
      throw invalidOption('security option', text, `nothing is called ${key}`)
  }
}

function readSeccomp(value: string | undefined, text: string): Security['seccomp'] {
  if (value === undefined || value === '') throw invalidOption('security option', text, 'seccomp is unconfined, builtin, or a file')
  if (value === 'unconfined') return 'unconfined'
  return value === 'builtin' ? 'default' : { file: value }
}

function readBoolean(value: string, text: string): boolean {
  if (value === 'true' || value === 'false') return value === 'true'
  throw invalidOption('security option', text, `${JSON.stringify(value)} is neither true nor false`)
}
