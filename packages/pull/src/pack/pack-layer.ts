import type { Digest } from '@gocker/oci'

export interface PackLayerOptions {
  /** The tree whose content becomes the archive; the directory itself is the entry `./`, unless it is an overlay's upper one. */
  readonly directory: string
  /**
   * `overlay`: the tree is an upper directory of overlayfs, its whiteouts and opaque directories become `.wh.` entries.
   * `none`: the tree is what it looks like.
   */
  readonly whiteouts: 'overlay' | 'none'
  /** Seconds since 1970: no entry is younger. @see https://reproducible-builds.org/specs/source-date-epoch/ */
  readonly clampTo?: number
  readonly signal?: AbortSignal
}

/** Takes the archive, a chunk after the other. The chunk's memory is used again once the promise settles. */
export type ArchiveSink = (chunk: Uint8Array) => void | Promise<void>

export interface PackedLayer {
  /** The digest of the archive: a layer's diffID, and its blob's digest as long as nothing compresses it. */
  readonly diffID: Digest
  /** Bytes of the archive. */
  readonly size: number
  readonly entries: number
}

/**
 * Makes the tar of a tree: equal bytes for equal trees, whatever the order on disk.
 * @throws {PullError} `FILE_CHANGED` when a file changes while it is read, `NOT_PACKABLE` for what no layer can carry
 */
export async function packLayer(options: PackLayerOptions, sink: ArchiveSink): Promise<PackedLayer> {
  throw new Error(`not there yet: ${options.directory} ${sink}`)
}
