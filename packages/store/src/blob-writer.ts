import type { Readable } from 'node:stream'
import type { Digest } from '@gocker/oci'

export interface BlobWriterOptions {
  /** What the bytes must come to; a partial blob is kept under it. */
  readonly digest?: Digest | undefined
  /** Bytes that must come, and at which the first byte more is refused. */
  readonly size?: number | undefined
  readonly signal?: AbortSignal | undefined
}

/** One blob on its way to the disk, hashed as it passes. Held by a lock of the process, so that prune leaves it alone. */
export interface BlobWriter {
  /** Bytes that are here: where the next chunk goes, and where a resumed download begins. */
  readonly offset: number
  /** The bytes that were here when the writer was opened, [0, offset) as it was then: for who needs the whole content in one pass. */
  written(): Readable
  /**
   * Takes the next bytes. The chunk is kept, not copied: it must not change afterwards.
   * @returns a promise to wait for when the disk is behind, else nothing; it never rejects, the next call throws
   * @throws {StoreError} `SIZE_MISMATCH` at the first byte past `size`; an earlier chunk's `NO_SPACE`, ...
   */
  write(chunk: Uint8Array): Promise<void> | undefined
  /**
   * Verifies, syncs and shows the blob under its digest. When that fails the bytes are removed.
   * @throws {StoreError} `SIZE_MISMATCH`, `DIGEST_MISMATCH`, `NO_SPACE`, ...
   */
  commit(): Promise<Digest>
  /** Ends without a blob; with `keepPartial` (and a `digest`) the bytes wait for the next writer. Harmless after commit. */
  abort(options?: { readonly keepPartial?: boolean }): Promise<void>
}
