import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { digestHex, digestOf } from '@gocker/oci'

/** What takes long to make is kept here, in the checkout, from one test run to the next. */
const CACHE = fileURLToPath(new URL('../../../../.cache', import.meta.url))

/** The path of what is made by `recipe`: another recipe has another path. The directory above it is there. */
export function cachePath(name: string, recipe: unknown): string {
  mkdirSync(CACHE, { recursive: true })
  return join(CACHE, `${name}-${digestHex(digestOf(JSON.stringify(recipe))).slice(0, 12)}`)
}

/**
 * Makes `path` once: `make` is given a temporary path beside it, which is renamed when it is whole. Of two processes that make it at once,
 * one's work is thrown away.
 */
export async function madeOnce(path: string, make: (temporary: string) => void | Promise<void>): Promise<string> {
  if (existsSync(path)) return path
  const workshop = mkdtempSync(`${path}.part-`)
  try {
    await make(join(workshop, 'made'))
    moveUnlessThere(join(workshop, 'made'), path)
  } finally {
    rmSync(workshop, { recursive: true, force: true })
  }
  return path
}

function moveUnlessThere(from: string, to: string): void {
  try {
    renameSync(from, to)
  } catch (error) {
    // A directory with something in it is not replaced: another process was first.
    if ((error as NodeJS.ErrnoException).code !== 'ENOTEMPTY') throw error
  }
}
