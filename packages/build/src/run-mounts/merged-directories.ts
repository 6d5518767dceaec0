import { lstatSync } from 'node:fs'
import { getXattr } from '@gocker/kernel'

/**
 * The directories that are one directory in an overlay, top first: stacked by themselves they show the same.
 * @param layers the top first
 * @param path without symlinks, relative
 */
export function mergedDirectories(layers: readonly string[], path: string): readonly string[] {
  const names = path.split('/').filter((name) => name !== '')
  return names.reduce((places, name) => directoriesNamed(places, name), layers)
}

/** What is no directory, and what says so, hides all below it. */
function directoriesNamed(places: readonly string[], name: string): readonly string[] {
  const found: string[] = []
  for (const place of places) {
    const directory = `${place}/${name}`
    const stats = lstatSync(directory, { throwIfNoEntry: false })
    if (stats === undefined) continue
    if (!stats.isDirectory()) break
    found.push(directory)
    if (isOpaque(directory)) break
  }
  return found
}

function isOpaque(directory: string): boolean {
  return ['trusted.overlay.opaque', 'user.overlay.opaque'].some((name) => getXattr(directory, name)?.toString() === 'y')
}
