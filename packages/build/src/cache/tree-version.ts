import type { TreeEntry } from '../context/tree.ts'

const TYPES: Readonly<Record<TreeEntry['type'], number>> = { file: 1, directory: 2, symlink: 3, fifo: 4, character: 5, block: 6, socket: 7 }
const NUMBERS = 6

/**
 * All that is known of files without opening them, as one digest: while it is the same, so are they. It is made of thousands of numbers
 * each time something is built: they are hashed as they are, not as texts.
 */
export function versionOfAll(entries: readonly TreeEntry[]): string {
  const { createHash } = process.getBuiltinModule('node:crypto')
  const numbers = new Float64Array(entries.length * NUMBERS)
  let paths = ''
  let at = 0
  for (const { path, type, mode, size, mtime, version } of entries) {
    paths += `${path}\0`
    numbers[at++] = TYPES[type] * 0o10000 + mode
    numbers[at++] = size
    numbers[at++] = mtime
    numbers[at++] = version.device
    numbers[at++] = version.inode
    numbers[at++] = version.changed
  }
  return createHash('sha256').update(numbers).update(paths).digest('hex')
}
