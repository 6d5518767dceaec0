export interface Owner {
  readonly uid: number
  readonly gid: number
}

/** Reads a file of the root whose accounts are asked for; `undefined` where there is none. */
export type AccountFile = (path: 'etc/passwd' | 'etc/group') => string | undefined

interface Account {
  readonly id: number
  /** Of a user: the group that its entry names. */
  readonly group?: number
}

/**
 * Reads `user[:group]`, each a number or a name of `/etc/passwd` and `/etc/group`; `root` is known without them.
 * A user without a group has the group of the same number, or the one its entry names.
 * @throws {Error} naming what is unknown
 */
export function ownerIn(file: AccountFile, text: string): Owner {
  const colon = text.indexOf(':')
  const [user, group] = colon < 0 ? [text, ''] : [text.slice(0, colon), text.slice(colon + 1)]
  const found = user === '' ? { id: 0 } : accountOf(user, () => file('etc/passwd'))
  if (found === undefined) throw new Error(`no user ${JSON.stringify(user)} in /etc/passwd`)
  if (group === '') return { uid: found.id, gid: found.group ?? found.id }
  const gid = accountOf(group, () => file('etc/group'))?.id
  if (gid === undefined) throw new Error(`no group ${JSON.stringify(group)} in /etc/group`)
  return { uid: found.id, gid }
}

/** Fields 3 and 4 of the line that a name begins; a number is its own id. @see passwd(5), group(5) */
function accountOf(name: string, accounts: () => string | undefined): Account | undefined {
  if (/^\d+$/.test(name)) return { id: Number(name) }
  const line = (accounts() ?? '').split('\n').find((line) => line.startsWith(`${name}:`))
  const [, , id = '', group = ''] = line?.split(':') ?? []
  if (!/^\d+$/.test(id)) return name === 'root' ? { id: 0 } : undefined
  return { id: Number(id), ...(/^\d+$/.test(group) && { group: Number(group) }) }
}
