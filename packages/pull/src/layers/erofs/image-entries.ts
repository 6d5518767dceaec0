import type { FileTime } from '@gocker/kernel'
import { whiteoutOf } from '@gocker/oci'
import { badArchive } from '../../tar-reader/bad-archive.ts'
import { type ByteText, readable, type TarEntry } from '../../tar-reader/tar-entry.ts'
import { entryPath, lastName, parentPath } from '../entry-path.ts'
import { OPAQUE_XATTR } from '../layer-whiteouts.ts'
import { OVERLAY_XATTRS } from '../metadata.ts'
import { type Attributes, ImageDirectory, ImageNode, type NodeKind } from './image-node.ts'
import { ImageTree, isBookkeeping, type Place } from './image-tree.ts'

const MOST_ID = 0xffff_fffe
const PATH_MAX = 4096

/** Makes the tree of a layer's entries, whiteouts as overlayfs has them. */
export class ImageEntries {
  readonly tree = new ImageTree({ mode: 0o755, uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 } })
  // A whiteout speaks of the layers below: an entry of the same name stays, wherever in the archive either of them is.
  readonly #hidden = new Map<ByteText, FileTime>()
  readonly #opaque = new Set<ByteText>()
  count = 0

  /**
   * @returns the file whose content follows, for a file
   * @throws {PullError} `BAD_ARCHIVE`
   */
  add(entry: TarEntry): ImageNode | undefined {
    this.count++
    const named = entryPath(entry.name)
    const whiteout = whiteoutOf(lastName(named))
    if (whiteout?.kind === 'metadata' || isBookkeeping(named)) return undefined
    const attributes = attributesOf(entry)
    const place = this.tree.place(named, attributes)
    if (whiteout === undefined) return this.#write(entry, place, attributes)
    if (whiteout.kind === 'opaque') this.#opaque.add(place.directory.path)
    else this.#hidden.set(`${place.directory.path}/${whiteout.name}`, entry.mtime)
    return undefined
  }

  /** What had to wait for all entries. */
  finish(): ImageDirectory {
    for (const [path, mtime] of this.#hidden) this.#hide(path, mtime)
    for (const path of this.#opaque) {
      const directory = this.tree.find(path)
      if (directory instanceof ImageDirectory) directory.xattrs = [...directory.xattrs, [OPAQUE_XATTR, Buffer.from('y')]]
    }
    return this.tree.root
  }

  #hide(path: ByteText, mtime: FileTime): void {
    const found = this.tree.find(path)
    // What is hidden must not show through the directory that has its name.
    if (found?.kind === 'directory') this.#opaque.add(path)
    const directory = this.tree.find(parentPath(path))
    if (found !== undefined || !(directory instanceof ImageDirectory)) return
    const whiteout = new ImageNode('character-device', { mode: 0, uid: 0, gid: 0, mtime })
    this.tree.put({ directory, name: lastName(path) }, whiteout)
  }

  #write(entry: TarEntry, place: Place, attributes: Attributes): ImageNode | undefined {
    if (entry.kind === 'directory') return this.#writeDirectory(entry, place, attributes)
    if (place.name === '') throw badArchive(nameOf(entry), "it would replace the layer's root")
    if (entry.kind === 'hard-link') return this.#writeHardLink(entry, place, attributes)
    const node = new ImageNode(entry.kind satisfies NodeKind, attributes)
    node.xattrs = xattrsOf(entry)
    if (entry.kind === 'symlink') pointTo(node, entry)
    else if (entry.kind === 'file') node.size = entry.size
    else if (entry.kind !== 'fifo') node.device = encodeDevice(entry)
    this.tree.put(place, node)
    if (entry.kind !== 'file') return undefined
    if (entry.extents !== undefined) node.pieces = []
    return node
  }

  #writeDirectory(entry: TarEntry, place: Place, attributes: Attributes): undefined {
    const found = this.tree.at(place)
    const { directory: parent, name } = place
    const directory = found instanceof ImageDirectory ? found : new ImageDirectory(attributes, { parent, name })
    if (directory !== found) this.tree.put(place, directory)
    directory.attributes = attributes
    directory.xattrs = xattrsOf(entry)
  }

  // The link's own owner, mode and times are those of the file, which its first entry gave.
  #writeHardLink(entry: TarEntry, place: Place, attributes: Attributes): undefined {
    const from = this.tree.place(entryPath(entry.link), attributes)
    const link = JSON.stringify(readable(entry.link))
    const found = this.tree.at(from)
    if (found === undefined) throw badArchive(nameOf(entry), `it links to ${link}, which no entry made`)
    if (found.kind === 'directory') throw badArchive(nameOf(entry), `it links to ${link}, which is a directory`)
    if (found === this.tree.at(place)) return
    this.tree.remove(place)
    if (found.links === 0) throw badArchive(nameOf(entry), `it links to ${link}, whose place it takes`)
    this.tree.put(place, found)
  }
}

function pointTo(node: ImageNode, entry: TarEntry): void {
  const { length } = entry.link
  if (length === 0 || length >= PATH_MAX) throw badArchive(nameOf(entry), `a symlink of ${length} bytes: 1 to ${PATH_MAX - 1} can be`)
  node.target = entry.link
  node.size = length
}

function attributesOf(entry: TarEntry): Attributes {
  const { kind, mode, uid, gid, mtime } = entry
  for (const id of [uid, gid]) if (id < 0 || id > MOST_ID) throw badArchive(nameOf(entry), `${id} is no user or group`)
  return { mode: kind === 'symlink' ? 0o777 : mode, uid, gid, mtime }
}

function xattrsOf({ xattrs }: TarEntry): (readonly [string, Buffer])[] {
  return [...xattrs].filter(([name]) => !name.startsWith(OVERLAY_XATTRS))
}

/** As the kernel keeps it on disks: 12 bits of the major number, 20 of the minor one. */
function encodeDevice(entry: TarEntry): number {
  const { major, minor } = entry
  if (major < 0 || major > 0xfff || minor < 0 || minor > 0xf_ffff) throw badArchive(nameOf(entry), `${major}:${minor} is no device`)
  return ((minor & 0xff) | (major << 8) | ((minor & ~0xff) << 12)) >>> 0
}

function nameOf({ name }: TarEntry): string {
  return `tar entry ${JSON.stringify(readable(name))}`
}
