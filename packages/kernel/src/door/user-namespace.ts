import { readFileSync } from 'node:fs'
import { KernelError } from '../error.ts'

/** A run of ids: those of this process's user namespace, and what they are in the namespace above. */
export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly size: number
}

const EVERY_ID = 2 ** 32 - 1
/** Where subordinate ids may begin that are nobody's on most machines. */
const UNUSED_IDS = 1_000_000

// Now and not when it is asked: a thread that has changed its root sees no /proc.
const uids = readIdMap('uid')
const gids = readIdMap('gid')

/** Whether this process is in another user namespace than the machine's first one: root there may not do all that root may. */
export function inUserNamespace(): boolean {
  return uids[0]?.size !== EVERY_ID
}

/** Whether there is but one user id here: whatever is made is the user's own. */
export function hasSingleId(): boolean {
  return uids.every(({ size }) => size === 1)
}

/**
 * Whom a file is to be given that an image says is `uid`'s and `gid`'s: root, where there is nobody else.
 * @throws {KernelError} `EINVAL` for an id that is none here, with what gives this user more
 */
export function ownerHere(uid: number, gid: number): [uid: number, gid: number] {
  if (hasSingleId()) return [0, 0]
  requireId('user', uid, uids)
  requireId('group', gid, gids)
  return [uid, gid]
}

/** Whether there is such an id. */
export function hasId(ranges: readonly Pick<IdRange, 'inside' | 'size'>[], id: number): boolean {
  return ranges.some(({ inside, size }) => id >= inside && id < inside + size)
}

/** `0 to 65536`, for people. */
export function idsText(ranges: readonly Pick<IdRange, 'inside' | 'size'>[]): string {
  const runs: { first: number; next: number }[] = []
  for (const { inside, size } of ranges.toSorted((a, b) => a.inside - b.inside)) {
    const last = runs.at(-1)
    if (last?.next === inside) last.next += size
    else runs.push({ first: inside, next: inside + size })
  }
  return runs.map(({ first, next }) => (next - first === 1 ? `${first}` : `${first} to ${next - 1}`)).join(', ')
}

function requireId(kind: 'user' | 'group', id: number, ranges: readonly IdRange[]): void {
  if (hasId(ranges, id)) return
  const range = `${UNUSED_IDS}-${UNUSED_IDS + id}`
  throw new KernelError('EINVAL', `giving a file to ${kind} ${id}: only ${kind}s ${idsText(ranges)} are mapped here`, {
    syscall: 'chown',
    hint: `sudo usermod --add-subuids ${range} --add-subgids ${range} ${process.env.USER ?? 'USER'}, and then end what this user has running`,
  })
}

/** Under which name overlayfs looks for its marks here, `opaque` among them: `trusted.` ones are for the machine's own root only. */
export function overlayXattr(mark: string): string {
  return `${inUserNamespace() ? 'user' : 'trusted'}.overlay.${mark}`
}

/**
 * What the ids of this process's user namespace mean outside.
 * @see user_namespaces(7)
 */
export function readIdMap(kind: 'uid' | 'gid'): IdRange[] {
  const lines = readFileSync(`/proc/self/${kind}_map`, 'latin1').split('\n').filter(Boolean)
  return lines.map((line) => {
    const [inside = 0, outside = 0, size = 0] = line.trim().split(/\s+/).map(Number)
    return { inside, outside, size }
  })
}
