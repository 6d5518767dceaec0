import { type FileTime, makeDevice, mknod, overlayXattr, setTimes, setXattr } from '@gocker/kernel'
import type { Whiteout } from '@gocker/oci'
import type { ByteText } from '../tar-reader/tar-entry.ts'
import { parentPath } from './entry-path.ts'
import { layerFile, statFile } from './layer-files.ts'
import { writingEntry } from './writing-entry.ts'

const S_IFCHR = 0o020000

/** How overlayfs knows a directory that hides its namesakes below. @see https://docs.kernel.org/filesystems/overlayfs.html#whiteouts-and-opaque-directories */
export const OPAQUE_XATTR = overlayXattr('opaque')

/**
 * Gathers what a layer hides of those below, and writes it in overlayfs's way once all entries are known: a whiteout speaks of lower layers
 * only, so an entry of the same name stays, wherever in the archive either of them is.
 */
export class LayerWhiteouts {
  readonly #hidden = new Map<ByteText, FileTime>()
  readonly #opaque = new Set<ByteText>()

  add(whiteout: Exclude<Whiteout, { kind: 'metadata' }>, directory: ByteText, mtime: FileTime): void {
    if (whiteout.kind === 'opaque') this.#opaque.add(directory)
    else this.#hidden.set(`${directory}/${whiteout.name}`, mtime)
  }

  /** Comes before directories get their times, which this changes. */
  write(): void {
    for (const [path, mtime] of this.#hidden) writingEntry(path, () => this.#hide(path, mtime))
    for (const path of this.#opaque) writingEntry(path, () => markOpaque(path))
  }

  #hide(path: ByteText, mtime: FileTime): void {
    const found = statFile(path)
    // What is hidden must not show through the directory that has its name.
    if (found?.isDirectory()) this.#opaque.add(path)
    if (found !== undefined || !statFile(parentPath(path))?.isDirectory()) return
    mknod(layerFile(path), S_IFCHR, makeDevice(0, 0))
    setTimes(layerFile(path), { atime: mtime, mtime })
  }
}

function markOpaque(path: ByteText): void {
  if (statFile(path)?.isDirectory()) setXattr(layerFile(path), OPAQUE_XATTR, Buffer.from('y'))
}
