import { readFileSync } from 'node:fs'

/** A run of ids: those of this process's user namespace, and what they are in the namespace above. */
export interface IdRange {
  readonly inside: number
  readonly outside: number
  readonly size: number
}

const EVERY_ID = 2 ** 32 - 1

let isInside: boolean | undefined

/** Whether this process is in another user namespace than the machine's first one: root there may not do all that root may. */
export function inUserNamespace(): boolean {
  isInside ??= !(readIdMap('uid')[0]?.size === EVERY_ID)
  return isInside
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

/** Under which name overlayfs looks for its marks here, `opaque` among them: `trusted.` ones are for the machine's own root only. */
export function overlayXattr(mark: string): string {
  return `${inUserNamespace() ? 'user' : 'trusted'}.overlay.${mark}`
}
