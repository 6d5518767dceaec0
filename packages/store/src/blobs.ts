import type { Readable } from 'node:stream'
import type { Digest } from '@gocker/oci'
import type { BlobWriter, BlobWriterOptions } from './blob-writer.ts'

/** Content by its digest. A blob that can be seen is whole: it had its digest when it was committed. */
export interface Blobs {
  has(digest: Digest): Promise<boolean>
  /** Size in bytes; `undefined` when the blob is not here. */
  stat(digest: Digest): Promise<{ readonly size: number } | undefined>
  /**
   * A small blob, read whole and checked against its digest.
   * @throws {StoreError} `NOT_FOUND`, `CORRUPT`
   */
  read(digest: Digest): Promise<Buffer>
  /** A blob's bytes as they are on disk; who reads them all can check them. Errors arrive as the stream's. */
  stream(digest: Digest): Readable
  path(digest: Digest): string
  /** Keeps a small blob (a manifest, a config). */
  put(bytes: Uint8Array): Promise<Digest>
  /**
   * Begins to write a blob, or goes on where an earlier writer of this digest ended. Waits while another writer has the same digest;
   * when that one commits it, `offset` is the whole size and nothing is left to write.
   * @throws {StoreError} `NO_SPACE`, `PERMISSION`, `READ_ONLY`, `IO`
   */
  writer(options?: BlobWriterOptions): Promise<BlobWriter>
  /** Removes a blob that no image needs; it may be gone already. Gives the bytes freed. */
  remove(digest: Digest): Promise<number>
}
