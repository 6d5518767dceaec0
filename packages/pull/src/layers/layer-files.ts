import { lstatSync, readdirSync, rmdirSync, type Stats, unlinkSync } from 'node:fs'
import { type ByteText, filePath } from '../tar-reader/tar-entry.ts'

/** A path of the layer for a call: the root's own is the empty text. */
export function layerFile(path: ByteText): string | Buffer {
  return path === '' ? '/' : filePath(path)
}

/** What is at `path`, symlinks not followed; undefined where nothing is. */
export function statFile(path: ByteText): Stats | undefined {
  return lstatSync(layerFile(path), { throwIfNoEntry: false })
}

/** Removes a file, or a directory with all that is in it. */
export function removeTree(path: ByteText): void {
  if (!statFile(path)?.isDirectory()) {
    unlinkSync(layerFile(path))
    return
  }
  for (const name of readdirSync(layerFile(path), { encoding: 'latin1' })) removeTree(`${path}/${name}`)
  rmdirSync(layerFile(path))
}
