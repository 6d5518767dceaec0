import { lstatSync, readdirSync, readlinkSync, type Stats } from 'node:fs'
import { posix } from 'node:path'
import { getXattr, overlayXattr } from '@gocker/kernel'

/**
 * The overlay that the layers make together, read without mounting it: a path is walked component by component, every
 * one looked at with lstat, and symlinks are followed as the container would, so that nothing leads out of the layers.
 * @see https://docs.kernel.org/filesystems/overlayfs.html
 */
export class LayerView {
  readonly #root: readonly string[]

  /** @param layers directories, top first */
  constructor(layers: readonly string[]) {
    this.#root = layers
  }

  /** The file or directory at `path` in the container; undefined where there is none. */
  find(path: string): LayerEntry | undefined {
    return this.#walk(path, MOST_LINKS)
  }

  #walk(path: string, linksLeft: number): LayerEntry | undefined {
    let entry: LayerEntry = { kind: 'directory', path: '/', places: this.#root }
    for (const [index, name] of parts(path).entries()) {
      if (entry.kind !== 'directory') return undefined
      const next = childOf(entry, name)
      if (next === undefined) return undefined
      if (next.kind === 'symlink') {
        if (linksLeft === 0) return undefined
        const rest = parts(path).slice(index + 1)
        return this.#walk(posix.join(posix.resolve(entry.path, readlinkSync(next.place)), ...rest), linksLeft - 1)
      }
      entry = next
    }
    return entry
  }
}

export type LayerEntry =
  /** Directories of the same name in several layers are one, top first. */
  | { readonly kind: 'directory'; readonly path: string; readonly places: readonly string[] }
  | { readonly kind: 'symlink' | 'other'; readonly path: string; readonly place: string; readonly stats: Stats }

/** As Linux: so many symlinks on the way, and no more. */
const MOST_LINKS = 40

/** What is called `name` in a directory: what a higher layer has or takes away hides the same name in those below. */
export function childOf(directory: LayerEntry & { kind: 'directory' }, name: string): LayerEntry | undefined {
  const path = posix.join(directory.path, name)
  const places: string[] = []
  for (const parent of directory.places) {
    const place = `${parent}/${name}`
    const stats = lstatSync(place, { throwIfNoEntry: false })
    if (stats === undefined) continue
    if (isWhiteout(stats)) break
    if (!stats.isDirectory()) {
      if (places.length > 0) break
      return { kind: stats.isSymbolicLink() ? 'symlink' : 'other', path, place, stats }
    }
    places.push(place)
    if (directory.places.length > 1 && isOpaque(place)) break
  }
  return places.length === 0 ? undefined : { kind: 'directory', path, places }
}

/** The names in a directory: of those in any layer, the ones that are not taken away. */
export function namesIn(directory: LayerEntry & { kind: 'directory' }): string[] {
  const names = new Set(directory.places.flatMap((place) => readdirSync(place)))
  return [...names].filter((name) => childOf(directory, name) !== undefined)
}

function parts(path: string): string[] {
  return posix
    .normalize(`/${path}`)
    .split('/')
    .filter((part) => part !== '')
}

function isWhiteout(stats: Stats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0
}

function isOpaque(place: string): boolean {
  return getXattr(place, overlayXattr('opaque'))?.toString() === 'y'
}
