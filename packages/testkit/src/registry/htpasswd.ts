import { execFileSync } from 'node:child_process'

/**
 * The lines of a password file. The registry takes bcrypt alone, which Node has not: perl (always there on Debian) asks libcrypt for it.
 * @see https://man7.org/linux/man-pages/man5/crypt.5.html
 */
export function htpasswd(users: Readonly<Record<string, string>>): string {
  const lines = Object.entries(users).map(([name, password]) => `${name}:${bcrypt(password)}`)
  return `${lines.join('\n')}\n`
}

/** A fixed salt at the lowest cost: these passwords guard nothing. */
const SALT = '$2y$04$saltsaltsaltsaltsaltsu'

function bcrypt(password: string): string {
  const hash = execFileSync('perl', ['-e', 'print crypt($ARGV[0], $ARGV[1])', '--', password, SALT], { encoding: 'latin1' })
  if (!hash.startsWith('$2y$')) throw new Error(`making a bcrypt password: libcrypt gave ${JSON.stringify(hash)}`)
  return hash
}
