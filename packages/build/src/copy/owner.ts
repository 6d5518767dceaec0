import { readFileSync } from 'node:fs'
import { join } from 'node:path'

export interface Owner {
  readonly uid: number
  readonly gid: number
}

/**
 * Reads `user[:group]`, each a number or a name, with the `/etc/passwd` and `/etc/group` of a root.
 * A user without a group has the group of the same number, or the one its entry names.
 * @throws {Error} naming what is unknown
 */
export function ownerIn(root: string, text: string): Owner {
  const [user = '', group] = text.split(':', 2)
  const found = idOf(user, join(root, 'etc/passwd'))
  if (found === undefined) throw new Error(`no user ${JSON.stringify(user)} in /etc/passwd`)
  if (group === undefined || group === '') return { uid: found.id, gid: found.group ?? found.id }
  const gid = idOf(group, join(root, 'etc/group'))?.id
  if (gid === undefined) throw new Error(`no group ${JSON.stringify(group)} in /etc/group`)
  return { uid: found.id, gid }
}

/** Fields 3 and 4 of the line that a name begins; a number is its own id. @see passwd(5), group(5) */
function idOf(name: string, file: string): { id: number; group?: number } | undefined {
  if (/^\d+$/.test(name)) return { id: Number(name) }
  const line = linesOf(file).find((line) => line.startsWith(`${name}:`))
  if (line === undefined) return undefined
  const [, , id, group] = line.split(':')
  return { id: Number(id), ...(group !== undefined && /^\d+$/.test(group) && { group: Number(group) }) }
}

function linesOf(file: string): string[] {
  try {
    return readFileSync(file, 'utf8').split('\n')
  } catch {
    // A root without accounts has none to name.
    return []
  }
}
