import { lstatSync, lutimesSync, readdirSync } from 'node:fs'
import { join } from 'node:path'

/**
 * Makes nothing in a tree younger than `seconds` since 1970, so that the same build gives the same layer at any time.
 * @see https://reproducible-builds.org/specs/source-date-epoch/
 */
export function clampTimes(path: string, seconds: number): void {
  const stats = lstatSync(path)
  if (stats.isDirectory()) for (const name of readdirSync(path)) clampTimes(join(path, name), seconds)
  if (stats.mtimeMs > seconds * 1000) lutimesSync(path, seconds, seconds)
}
