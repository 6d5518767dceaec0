import { mkdirSync, readlinkSync } from 'node:fs'
import { badArchive } from '../tar-reader/bad-archive.ts'
import { type ByteText, readable } from '../tar-reader/tar-entry.ts'
import { cannotOverwrite } from './cannot-overwrite.ts'
import { lastName, parentPath } from './entry-path.ts'
import { layerFile, removeTree, statFile } from './layer-files.ts'

// As the kernel's own. @see path_resolution(7)
const MOST_LINKS = 40

/**
 * Finds the directory that an entry goes into. A parent that no entry made is made, 0755 and root's; a parent that is a symlink made earlier
 * in the archive is followed within the layer, as docker and containerd do, and what it points to is made where it is missing: it may
 * well be in a layer below.
 */
export class LayerDirectories {
  /** A directory as the archive names it, to its path without symlinks. */
  readonly #paths = new Map<ByteText, ByteText>([['', '']])
  readonly #replacesKinds: boolean

  /** @param options.replacesKinds a file gives way to a directory that has to be there */
  constructor({ replacesKinds }: { readonly replacesKinds: boolean }) {
    this.#replacesKinds = replacesKinds
  }

  /** The path, without symlinks in its parents, of an entry. */
  place(path: ByteText): ByteText {
    return path === '' ? '' : `${this.enter(parentPath(path))}/${lastName(path)}`
  }

  /** The path without symlinks of a directory; made, if it has to be. */
  enter(directory: ByteText): ByteText {
    const known = this.#paths.get(directory)
    if (known !== undefined) return known
    const path = this.#step(this.place(directory), 0)
    this.#paths.set(directory, path)
    return path
  }

  /** Something that could be a directory, or lead to one, is gone. */
  forget(): void {
    this.#paths.clear()
    this.#paths.set('', '')
  }

  /** @param path its parents are real directories */
  #step(path: ByteText, links: number): ByteText {
    const found = statFile(path)
    if (found?.isDirectory()) return path
    if (found?.isSymbolicLink()) return this.#follow(path, links + 1)
    if (found !== undefined && !this.#replacesKinds) throw cannotOverwrite(path, 'a file with a directory')
    // A later entry wins: something has to be below this path.
    if (found !== undefined) removeTree(path)
    mkdirSync(layerFile(path), 0o755)
    return path
  }

  #follow(path: ByteText, links: number): ByteText {
    if (links > MOST_LINKS) throw badArchive(`tar entry ${JSON.stringify(readable(path))}`, 'its parent is a symlink that leads to itself')
    const target = readlinkSync(layerFile(path), { encoding: 'latin1' })
    let at = target.startsWith('/') ? '' : parentPath(path)
    for (const part of target.split('/')) {
      if (part === '..') at = parentPath(at)
      else if (part !== '' && part !== '.') at = this.#step(`${at}/${part}`, links)
    }
    return at
  }
}
