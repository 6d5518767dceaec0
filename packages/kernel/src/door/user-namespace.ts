import { readFileSync } from 'node:fs'

/** A run of ids: those of this process's user namespace, and what they are in the namespace above. */
export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly size: number
}

const EVERY_ID = 2 ** 32 - 1

// Now and not when it is asked: a thread that has changed its root sees no /proc.
const uids = readIdMap('uid')

/** Whether this process is in another user namespace than the machine's first one: root there may not do all that root may. */
export function inUserNamespace(): boolean {
  return uids[0]?.size !== EVERY_ID
}

/** Whether there is but one user id here: whatever is made is the user's own. */
export function hasSingleId(): boolean {
  return uids.every(({ size }) => size === 1)
}

/** Whom a file is to be given that an image says is `uid`'s and `gid`'s: root, where there is nobody else. */
export function ownerHere(uid: number, gid: number): [uid: number, gid: number] {
  return hasSingleId() ? [0, 0] : [uid, gid]
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
