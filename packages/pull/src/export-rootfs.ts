import { resolve } from 'node:path'
import type { ImageMount } from '@gocker/kernel'
import { type ArchiveSink, packInThread } from './pack/pack-in-thread.ts'
import type { PackedLayer } from './pack/pack-layer.ts'

export interface ExportRootfsOptions {
  /** Directories as overlayfs stacks them, the top one first: a container's upper directory, then its image's layers. */
  readonly lowers: readonly string[]
  /** Of these, the layers that are images. */
  readonly images?: readonly ImageMount[] | undefined
  /** Seconds since 1970: no entry is younger. */
  readonly clampTo?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/**
 * Makes a flat tar of the file system that a container of these directories sees: whiteouts and opaque directories do their work and are gone.
 * It is read through an overlay mount that only the reading thread sees, and that goes with it.
 * @throws {PullError} `FILE_CHANGED`, `READ_FAILED`, `NOT_PERMITTED` where this process must not mount
 */
export async function exportRootfs({ lowers, images = [], ...options }: ExportRootfsOptions, sink: ArchiveSink): Promise<PackedLayer> {
  return await packInThread({ kind: 'overlay', lowers: lowers.map((lower) => resolve(lower)), images }, options, sink)
}
