import { resolve } from 'node:path'
import type { Digest } from '@gocker/oci'
import { byteText } from '../tar-reader/tar-entry.ts'
import { type ArchiveSink, packInThread } from './pack-in-thread.ts'

export interface PackLayerOptions {
  /** The tree whose content becomes the archive; the directory itself is the entry `./`, unless it is an overlay's upper one. */
  readonly directory: string
  /**
   * `overlay`: the tree is an upper directory of overlayfs, its whiteouts and opaque directories become `.wh.` entries.
   * `none`: the tree is what it looks like.
   */
  readonly whiteouts: 'overlay' | 'none'
  /** Paths in the tree, `/etc/hosts`, that are no part of the archive, nor is anything below them. */
  readonly leaveOut?: readonly string[] | undefined
  /** Seconds since 1970: no entry is younger. @see https://reproducible-builds.org/specs/source-date-epoch/ */
  readonly clampTo?: number | undefined
  readonly signal?: AbortSignal | undefined
}

export interface PackedLayer {
  /** The digest of the archive: a layer's diffID, and its blob's digest as long as nothing compresses it. */
  readonly diffID: Digest
  /** Bytes of the archive. */
  readonly size: number
  readonly entries: number
}

/**
 * Makes the tar of a tree: equal bytes for equal trees, whatever the order on disk. Sockets are left out: no archive holds them.
 * @throws {PullError} `FILE_CHANGED` when a file changes while it is read, `READ_FAILED` for what cannot be read and what no layer can carry
 */
export async function packLayer(
  { directory, whiteouts, leaveOut = [], ...options }: PackLayerOptions,
  sink: ArchiveSink,
): Promise<PackedLayer> {
  const kind = whiteouts === 'overlay' ? 'overlay-upper' : 'plain'
  return await packInThread({ kind, directory: resolve(directory), leaveOut: leaveOut.map(byteText) }, options, sink)
}
