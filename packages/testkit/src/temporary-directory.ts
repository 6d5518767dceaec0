import { spawnSync } from 'node:child_process'
import { mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { mounts } from './machine/mounts.ts'

/** What `temporaryDirectory` needs of a test: node:test's `TestContext` and `SuiteContext` have it. */
export interface Cleanup {
  after(undo: () => void | Promise<void>): void
}

/** Begins the name of every temporary directory; the process id that follows tells whose it is. */
export const TEMPORARY_PREFIX = 'gocker-test-'

/**
 * An empty directory that is removed when the test ends. A mount that is still inside then fails the test: nothing is removed, so
 * that no file behind a mount can be lost. `after` hooks run in the order they were given: unmount in a `finally`, or in a hook given before.
 */
export function temporaryDirectory(t: Cleanup): string {
  const directory = makeTemporaryDirectory()
  t.after(() => removeTree(directory))
  return directory
}

/** As `temporaryDirectory`, for those who remove it themselves with `removeTree`. */
export function makeTemporaryDirectory(): string {
  return mkdtempSync(join(realpathSync(tmpdir()), `${TEMPORARY_PREFIX}${process.pid}-`))
}

/**
 * Removes a directory with everything in it.
 * @throws when something is mounted at or below it.
 */
export function removeTree(directory: string): void {
  const points = mounts().map(({ point }) => point)
  const left = points.filter((point) => point === directory || point.startsWith(`${directory}/`))
  if (left.length > 0) throw new Error(`removing ${directory}: still mounted: ${left.join(', ')}`)
  // rm, not fs.rm: it takes names that are not UTF-8 and trees deeper than PATH_MAX, and stays on this file system.
  const { status, stderr } = spawnSync('rm', ['-rf', '--one-file-system', '--', directory], { encoding: 'utf8' })
  if (status !== 0) throw new Error(`removing ${directory}: ${stderr.trim()}`)
}
