import type { LayerContent, LayerEntry } from './layer-content.ts'

export interface FileChange {
  readonly kind: 'added' | 'changed' | 'removed'
  readonly path: string
  readonly isDirectory: boolean
  /** Bytes that the layer brings; of what it removes, those that are hidden. */
  readonly size: number
}

/** A file whose bytes are in the image more than once, or in vain. */
export interface WastedFile {
  readonly path: string
  /** How often layers have brought it in vain. */
  readonly count: number
  /** Bytes that no container sees. */
  readonly size: number
}

interface Node {
  readonly children: Map<string, Node>
  isDirectory: boolean
  size: number
}

/** The file system that layers come to, one laid upon the other. */
export class MergedTree {
  readonly #root: Node = newNode({ isDirectory: true, size: 0 })
  readonly #wasted = new Map<string, { count: number; size: number }>()

  /** Lays a layer upon what is there. @returns what it changes, and the bytes below that are seen no more */
  lay({ entries, hidden, opaque }: LayerContent): { changes: FileChange[]; hides: number } {
    const changes = new Map<string, FileChange>()
    const removed = [...hidden.flatMap((path) => this.#remove(path)), ...opaque.flatMap((path) => this.#empty(path))]
    for (const change of removed) changes.set(change.path, change)
    let hides = removed.reduce((total, { size }) => total + size, 0)
    for (const entry of entries) hides += this.#put(entry, changes)
    return { changes: [...changes.values()], hides }
  }

  /** The most first. */
  wasted(): WastedFile[] {
    return Array.from(this.#wasted, ([path, { count, size }]) => ({ path, count, size })).sort((a, b) => b.size - a.size)
  }

  #put(entry: LayerEntry, changes: Map<string, FileChange>): number {
    const { parent, name } = this.#placeOf(entry.path)
    const before = parent.children.get(name)
    // A directory that is there already is said again for its mode.
    if (before?.isDirectory && entry.isDirectory) return 0
    // An archive may have a name twice, and the last one counts.
    const isOwn = changes.has(entry.path) && before !== undefined
    const gone = before === undefined ? [] : this.#take(parent, name, entry.path)
    for (const change of gone) if (change.path !== entry.path) changes.set(change.path, change)
    parent.children.set(name, newNode(entry))
    const was = changes.get(entry.path)?.kind
    const kind = isOwn ? (was ?? 'added') : before === undefined && was === undefined ? 'added' : 'changed'
    changes.set(entry.path, { kind, ...entry })
    return gone.reduce((total, { size }) => total + size, 0)
  }

  #remove(path: string): FileChange[] {
    const { parent, name } = this.#placeOf(path)
    return this.#take(parent, name, path)
  }

  #empty(path: string): FileChange[] {
    const directory = path === '' ? this.#root : this.#placeOf(path).parent.children.get(path.slice(path.lastIndexOf('/') + 1))
    return [...(directory?.children.keys() ?? [])].flatMap((name) =>
      directory === undefined ? [] : this.#take(directory, name, `${path}/${name}`),
    )
  }

  /** Takes a name away with all that is below it. */
  #take(parent: Node, name: string, path: string): FileChange[] {
    const node = parent.children.get(name)
    if (node === undefined) return []
    parent.children.delete(name)
    const taken: FileChange[] = []
    const add = ({ children, isDirectory, size }: Node, at: string) => {
      taken.push({ kind: 'removed', path: at, isDirectory, size })
      if (size > 0) this.#waste(at, size)
      for (const [below, child] of children) add(child, `${at}/${below}`)
    }
    add(node, path)
    return taken
  }

  #waste(path: string, size: number): void {
    const before = this.#wasted.get(path) ?? { count: 0, size: 0 }
    this.#wasted.set(path, { count: before.count + 1, size: before.size + size })
  }

  /** Where a path hangs; directories that no layer has named are there all the same. */
  #placeOf(path: string): { parent: Node; name: string } {
    const parts = path.slice(1).split('/')
    const name = parts.pop() ?? ''
    let parent = this.#root
    for (const part of parts) {
      const next = parent.children.get(part) ?? newNode({ isDirectory: true, size: 0 })
      parent.children.set(part, next)
      parent = next
    }
    return { parent, name }
  }
}

function newNode({ isDirectory, size }: Pick<Node, 'isDirectory' | 'size'>): Node {
  return { children: new Map(), isDirectory, size }
}
