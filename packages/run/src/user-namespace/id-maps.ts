import { accessSync, constants, readFileSync, statSync } from 'node:fs'
import { getXattr, type IdRange, inUserNamespace } from '@gocker/kernel'
import { userName } from './user-name.ts'

/** How a user's ids become those of a namespace: root inside is the user, and what is beyond comes from what the machine gives him. */
export interface IdMaps {
  readonly uids: readonly IdRange[]
  readonly gids: readonly IdRange[]
  /** What writes such maps: newuidmap(1) and newgidmap(1). undefined: the user's own id is the only one, and he writes it himself. */
  readonly tools: MapTools | undefined
}

export interface MapTools {
  readonly newuidmap: string
  readonly newgidmap: string
}

/** Why there are no ids but the user's own. */
export type MissingIds = 'no newuidmap' | 'newuidmap without rights' | 'no subordinate ids'

const SETUID = 0o4000
const PLACES = ['/usr/bin', '/bin', '/usr/local/bin', '/usr/sbin', '/run/wrappers/bin']

/**
 * @param user this process's own ids, outside
 * @see subuid(5), newuidmap(1)
 */
export function idMapsOf(user: { readonly uid: number; readonly gid: number }): IdMaps {
  const { uid, gid } = user
  const alone = { uids: [{ inside: 0, outside: uid, size: 1 }], gids: [{ inside: 0, outside: gid, size: 1 }], tools: undefined }
  if (missingIds(uid) !== undefined) return alone
  const uids = behind(uid, subordinateIds('/etc/subuid', uid))
  const gids = behind(gid, subordinateIds('/etc/subgid', uid))
  return { uids, gids, tools: mapTools() }
}

/** Why a user has his own id and no other one; undefined where he has more. */
export function missingIds(uid: number): MissingIds | undefined {
  const tools = mapTools()
  if (tools === undefined) return 'no newuidmap'
  if (!hasRights(tools.newuidmap) || !hasRights(tools.newgidmap)) return 'newuidmap without rights'
  const has = (file: string) => subordinateIds(file, uid).length > 0
  return has('/etc/subuid') && has('/etc/subgid') ? undefined : 'no subordinate ids'
}

/** The user as 0, and the others from 1 on. */
function behind(own: number, ranges: readonly { readonly start: number; readonly count: number }[]): IdRange[] {
  let next = 1
  const others = ranges.map(({ start, count }) => {
    const range = { inside: next, outside: start, size: count }
    next += count
    return range
  })
  return [{ inside: 0, outside: own, size: 1 }, ...others]
}

/** The user's ranges, by his name or his number. */
function subordinateIds(file: string, uid: number): { start: number; count: number }[] {
  const owners = new Set([`${uid}`, userName(uid)])
  return text(file)
    .split('\n')
    .map((line) => line.split(':'))
    .filter(([owner = '']) => owners.has(owner))
    .map(([, start, count]) => ({ start: Number(start), count: Number(count) }))
    .filter(({ start, count }) => Number.isSafeInteger(start) && Number.isSafeInteger(count) && count > 0)
}

function mapTools(): MapTools | undefined {
  const [newuidmap, newgidmap] = ['newuidmap', 'newgidmap'].map(find)
  return newuidmap === undefined || newgidmap === undefined ? undefined : { newuidmap, newgidmap }
}

function find(name: string): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(':').filter((each) => each.startsWith('/')), ...PLACES]
  return directories.map((directory) => `${directory}/${name}`).find(isExecutable)
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return true
  } catch {
    return false
  }
}

/** By its setuid bit; a file capability serves as well, and is only seen when it is used. */
function hasRights(file: string): boolean {
  const { mode, uid } = statSync(file)
  // In a user namespace the machine's root is nobody.
  const isRoots = uid === 0 || inUserNamespace()
  return (isRoots && (mode & SETUID) !== 0) || hasCapability(file)
}

function hasCapability(file: string): boolean {
  return getXattr(file, 'security.capability') !== undefined
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
