import type { Hash } from 'node:crypto'
import { lstatSync, readdirSync, type Stats } from 'node:fs'
import type { IgnorePatterns } from './ignore-patterns.ts'

const NUMBERS = 6

/**
 * All that is known of files without opening them, as one digest: while it is the same, so are they. There are thousands, they are looked at each time
 * something is built, and most often nothing has changed: so nothing is kept of them, and numbers are hashed as they are, not as texts.
 * @param paths in the root, each with all that is below it
 * @param patterns what is left out; none of them takes back what another leaves out
 */
export function treeVersion(root: string, paths: readonly string[], patterns: IgnorePatterns): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256')
  for (const path of paths) {
    const stats = lstatSync(path === '' ? root : `${root}/${path}`, { throwIfNoEntry: false })
    update(hash, [path], [stats])
    if (stats?.isDirectory() === true) visit(root, path, { hash, patterns })
  }
  return hash.digest('hex')
}

interface Visiting {
  readonly hash: Hash
  readonly patterns: IgnorePatterns
}

/** The files of a directory, and then those of the directories in it. */
function visit(root: string, directory: string, visiting: Visiting): void {
  const above = directory === '' ? '' : `${directory}/`
  const names = readdirSync(`${root}/${directory}`).sort()
  const paths = names.map((name) => above + name).filter((path) => visiting.patterns.isEmpty || !visiting.patterns.excludes(path))
  const stats = paths.map((path) => lstatSync(`${root}/${path}`, { throwIfNoEntry: false }))
  update(visiting.hash, paths, stats)
  for (const [index, path] of paths.entries()) if (stats[index]?.isDirectory() === true) visit(root, path, visiting)
}

/** The end of a list is an empty path. */
function update(hash: Hash, paths: readonly string[], all: readonly (Stats | undefined)[]): void {
  const numbers = new Float64Array(all.length * NUMBERS)
  let at = 0
  for (const stats of all) {
    if (stats === undefined) continue
    numbers[at++] = stats.mode
    numbers[at++] = stats.size
    numbers[at++] = stats.mtimeMs
    numbers[at++] = stats.dev
    numbers[at++] = stats.ino
    numbers[at++] = stats.ctimeMs
  }
  hash.update(`${paths.join('\0')}\0\0`).update(numbers)
}
