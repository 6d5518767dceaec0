import { invalidOption } from '../error.ts'

/** `user[:group]`, each a name or a number. */
export interface UserRequest {
  readonly user: string
  readonly group: string | undefined
}

/**
 * Reads `www-data`, `1000`, `1000:100`, `:staff`; nothing is root.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseUser(text: string): UserRequest {
  const [user = '', group, ...rest] = text.split(':')
  if (rest.length > 0) throw invalidOption('user', text, 'not user[:group]')
  return { user, group: group === '' ? undefined : group }
}
