import { WHITEOUT_PREFIX } from '@gocker/oci'
import { badArchive } from '../../tar-reader/bad-archive.ts'
import { type ByteText, readable } from '../../tar-reader/tar-entry.ts'
import { lastName, parentPath } from '../entry-path.ts'
import { type Attributes, ImageDirectory, type ImageNode } from './image-node.ts'

// As the kernel's own. @see path_resolution(7)
const MOST_LINKS = 40
const NAME_MAX = 255

/** Where an entry goes. */
export interface Place {
  readonly directory: ImageDirectory
  /** Empty for the root itself. */
  readonly name: ByteText
}

/**
 * The tree of a layer, in memory. Its rules are those of a layer's directory: a later entry replaces an earlier one of its name, a parent that no
 * entry made is made, and one that is a symlink made earlier is followed within the layer.
 */
export class ImageTree {
  readonly root: ImageDirectory
  /** A directory as the archive names it, to what that is. */
  readonly #known = new Map<ByteText, ImageDirectory>()

  constructor(attributes: Attributes) {
    this.root = new ImageDirectory(attributes)
    this.#known.set('', this.root)
  }

  /** @param made what a missing parent gets */
  place(path: ByteText, made: Attributes): Place {
    const name = lastName(path)
    if (name.length > NAME_MAX || name.includes('\0'))
      throw badArchive(`tar entry ${JSON.stringify(readable(path))}`, `no file can have such a name: at most ${NAME_MAX} bytes, and no NUL`)
    return { directory: path === '' ? this.root : this.#enter(parentPath(path), made), name }
  }

  at({ directory, name }: Place): ImageNode | undefined {
    return name === '' ? this.root : directory.entries.get(name)
  }

  /** What is at a path; symlinks are not followed. */
  find(path: ByteText): ImageNode | undefined {
    let node: ImageNode | undefined = this.root
    for (const name of path.split('/').slice(1)) node = node instanceof ImageDirectory ? node.entries.get(name) : undefined
    return node
  }

  /** Gives `node` a name, which it takes from whatever has it. */
  put({ directory, name }: Place, node: ImageNode): void {
    this.remove({ directory, name })
    directory.entries.set(name, node)
    node.links++
  }

  remove({ directory, name }: Place): void {
    const found = directory.entries.get(name)
    if (found === undefined) return
    directory.entries.delete(name)
    forsake(found)
    // What was found by way of it is not there any more.
    if (found.kind !== 'directory' && found.kind !== 'symlink') return
    this.#known.clear()
    this.#known.set('', this.root)
  }

  #enter(path: ByteText, made: Attributes): ImageDirectory {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    const found = this.#step(this.place(path, made), made, 0)
    this.#known.set(path, found)
    return found
  }

  #step(place: Place, made: Attributes, links: number): ImageDirectory {
    const { directory: parent, name } = place
    const found = parent.entries.get(name)
    if (found instanceof ImageDirectory) return found
    if (found?.kind === 'symlink') return this.#follow(place, found.target, { made, links: links + 1 })
    const directory = new ImageDirectory({ ...made, mode: 0o755, uid: 0, gid: 0 }, { parent, name })
    // A later entry wins: something has to be below this path.
    this.put(place, directory)
    return directory
  }

  #follow({ directory, name }: Place, target: ByteText, { made, links }: { made: Attributes; links: number }): ImageDirectory {
    if (links > MOST_LINKS)
      throw badArchive(`tar entry ${JSON.stringify(readable(`${directory.path}/${name}`))}`, 'its parent is a symlink that leads to itself')
    let at = target.startsWith('/') ? this.root : directory
    for (const part of target.split('/')) {
      if (part === '..') at = at.parent
      else if (part !== '' && part !== '.') at = this.#step({ directory: at, name: part }, made, links)
    }
    return at
  }
}

/** Files of a directory that is gone may have other names. */
function forsake(node: ImageNode): void {
  node.links--
  if (node instanceof ImageDirectory) for (const child of node.entries.values()) forsake(child)
}

const BOOKKEEPING = `/${WHITEOUT_PREFIX}${WHITEOUT_PREFIX}`

/** Whether a path is in a directory that AUFS keeps for itself. */
export function isBookkeeping(path: ByteText): boolean {
  return parentPath(path).includes(BOOKKEEPING)
}
