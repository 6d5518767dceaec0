import type { ArchiveSink, PackedLayer } from './pack/pack-layer.ts'

export interface ExportRootfsOptions {
  /** Directories as overlayfs stacks them, the top one first: a container's upper directory, then its image's layers. */
  readonly lowers: readonly string[]
  /** Seconds since 1970: no entry is younger. */
  readonly clampTo?: number
  readonly signal?: AbortSignal
}

/**
 * Makes a flat tar of the file system that a container of these directories sees: whiteouts and opaque directories do their work and are gone.
 * The host sees no mount of it.
 * @throws {PullError} `FILE_CHANGED`
 * @throws {KernelError} what overlayfs refuses
 */
export async function exportRootfs(options: ExportRootfsOptions, sink: ArchiveSink): Promise<PackedLayer> {
  throw new Error(`not there yet: ${options.lowers} ${sink}`)
}
