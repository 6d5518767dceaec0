import type { Compression, Digest } from '@gocker/oci'

export interface UnpackLayerOptions {
  /** The blob's bytes, as they travel. Read at the pace of the disk; left early when unpacking fails. */
  readonly source: AsyncIterable<Uint8Array>
  readonly compression: Compression
  /** An empty directory: the layer is made in it. What is there after a failure is the caller's to remove. */
  readonly directory: string
  /** What the image's config says of this layer. */
  readonly expectedDiffID?: Digest
  readonly signal?: AbortSignal
  /** Told now and then how many bytes of the tar have been taken. */
  readonly onProgress?: (tarBytes: number) => void
}

export interface UnpackedLayer {
  /** The digest of the tar without its compression. */
  readonly diffID: Digest
  /** Bytes of the tar without its compression. */
  readonly size: number
  /** Entries of the archive. */
  readonly entries: number
}

/**
 * Makes a layer's directory of its blob in one pass, as overlayfs wants a lower directory: whiteouts are character devices 0/0,
 * opaque directories carry `trusted.overlay.opaque`. Nothing is written outside of `directory`, whatever the archive says.
 * @throws {PullError} `BAD_ARCHIVE`, `DIFF_ID_MISMATCH`, `NO_SPACE`
 * @see https://github.com/opencontainers/image-spec/blob/main/layer.md
 */
export async function unpackLayer(options: UnpackLayerOptions): Promise<UnpackedLayer> {
  throw new Error(`not there yet: ${options.directory}`)
}
