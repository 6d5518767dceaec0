import { type BigIntStats, closeSync, lstatSync, readdirSync } from 'node:fs'
import { posix } from 'node:path'
import { getXattr, OPEN_FLAGS, openBeneath, overlayXattr } from '@gocker/kernel'
import { childOf, type LayerEntry, namesIn } from '../rootfs/layer-view.ts'
import type { FileChange } from './changes.ts'

const OPEN_DIRECTORY = OPEN_FLAGS.O_RDONLY | OPEN_FLAGS.O_DIRECTORY | OPEN_FLAGS.O_NOFOLLOW

type Directory = LayerEntry & { readonly kind: 'directory' }

interface Visited {
  readonly path: string
  /** What the layers below have there. */
  readonly below: LayerEntry | undefined
}

/**
 * Walks an overlay's upper directory. A container may be at work in it: each directory is opened beneath the one before, so that none is left
 * by a symlink that takes a directory's place meanwhile.
 */
export class ChangeWalker {
  /** What there is to tell of no path: made to be mounted on, or copied up and as it was. */
  readonly unchanged: string[] = []
  readonly #mountPoints: ReadonlySet<string>
  readonly #ways: ReadonlySet<string>

  /** @param mountPoints where something is mounted in the container */
  constructor(mountPoints: readonly string[]) {
    this.#mountPoints = new Set(mountPoints)
    this.#ways = new Set(mountPoints.flatMap(ancestors))
  }

  /**
   * @param directory an open one of the upper directory
   * @returns what is different in it, by path
   */
  content(directory: number, { path, below }: Visited): FileChange[] {
    const lower = below?.kind === 'directory' ? below : undefined
    const names = new Set(readdirSync(contentOf(directory)))
    const hidden = isOpaque(directory) && lower !== undefined ? namesIn(lower).filter((name) => !names.has(name)) : []
    return [...names, ...hidden]
      .sort(byBytes)
      .flatMap((name) => this.#visit(directory, name, { path: posix.join(path, name), below: under(lower, name) }))
  }

  #visit(directory: number, name: string, visited: Visited): FileChange[] {
    const { path, below } = visited
    const stats = lstatSync(`${contentOf(directory)}/${name}`, { bigint: true, throwIfNoEntry: false })
    if (stats === undefined || isWhiteout(stats)) return below === undefined ? [] : [{ kind: 'deleted', path }]
    if (stats.isDirectory()) return this.#visitDirectory(directory, stats, visited)
    if (below === undefined && this.#mountPoints.has(path) && stats.isFile() && stats.size === 0n) return this.#leaveOut(path)
    return [{ kind: below === undefined ? 'added' : 'changed', path }]
  }

  #visitDirectory(parent: number, stats: BigIntStats, visited: Visited): FileChange[] {
    const { path, below } = visited
    const inside = this.#contentBelow(parent, visited)
    if (below === undefined) {
      const isMade = inside.length === 0 && (this.#mountPoints.has(path) || this.#ways.has(path))
      return isMade ? this.#leaveOut(path) : [{ kind: 'added', path }, ...inside]
    }
    if (inside.length === 0 && below.kind === 'directory' && this.#isAsBelow(path, stats, below)) return this.#leaveOut(path)
    return [{ kind: 'changed', path }, ...inside]
  }

  #contentBelow(parent: number, visited: Visited): FileChange[] {
    let directory: number
    try {
      directory = openBeneath(parent, posix.basename(visited.path), OPEN_DIRECTORY)
    } catch (error) {
      // Gone, or something else by now.
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes((error as { code?: string }).code ?? '')) return []
      throw error
    }
    try {
      return this.content(directory, visited)
    } finally {
      closeSync(directory)
    }
  }

  /** A mount point that was made in it has given a directory another time. */
  #isAsBelow(path: string, stats: BigIntStats, { places: [place = '/'] }: Directory): boolean {
    const before = lstatSync(place, { bigint: true })
    const isSame = stats.mode === before.mode && stats.uid === before.uid && stats.gid === before.gid
    return isSame && (stats.mtimeNs === before.mtimeNs || this.#ways.has(path))
  }

  #leaveOut(path: string): FileChange[] {
    this.unchanged.push(path)
    return []
  }
}

function under(directory: Directory | undefined, name: string): LayerEntry | undefined {
  return directory && childOf(directory, name)
}

function contentOf(directory: number): string {
  return `/proc/self/fd/${directory}`
}

function isWhiteout(stats: BigIntStats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0n
}

function isOpaque(directory: number): boolean {
  return getXattr(directory, overlayXattr('opaque'))?.toString() === 'y'
}

function byBytes(a: string, b: string): number {
  return a < b ? -1 : 1
}

/** `/a` and `/a/b` of `/a/b/c`. */
function ancestors(path: string): string[] {
  const parent = posix.dirname(path)
  return parent === '/' || parent === '.' ? [] : [parent, ...ancestors(parent)]
}
