import { createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { type Descriptor, type Digest, digestOf } from '@gocker/oci'
import { openBlobWriter } from './blob-file.ts'
import type { BlobWriter, BlobWriterOptions } from './blob-writer.ts'
import { contentDigest } from './content-digest.ts'
import { doing, StoreError, unless } from './error.ts'
import type { StorePaths } from './paths.ts'
import { readFile, stat } from './quick-files.ts'
import { removeTree } from './tree.ts'

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
  /**
   * A manifest or a config, checked by its size alone: it had its digest when it was committed, and a container's start waits for it.
   * @throws {StoreError} `NOT_FOUND`, `CORRUPT`
   */
  readDocument(descriptor: Descriptor): Promise<Buffer>
  /** A blob's bytes as they are on disk, for who checks them. Fails as node:fs does. */
  stream(digest: Digest): Readable
  path(digest: Digest): string
  /** Keeps a small blob (a manifest, a config). */
  put(bytes: Uint8Array): Promise<Digest>
  /**
   * Begins to write a blob, or goes on where an earlier writer of this digest ended. Waits while another writer has the same digest;
   * when that one commits it, `offset` is the whole size and nothing is left to write.
   * @throws {StoreError} `NO_SPACE`, `PERMISSION`, `READ_ONLY`, `IO`; the signal's reason
   */
  writer(options?: BlobWriterOptions): Promise<BlobWriter>
  /** Removes a blob that no image needs; it may be gone already. Gives the bytes freed. */
  remove(digest: Digest): Promise<number>
}

export function openBlobs(paths: StorePaths): Blobs {
  const sizeOf = (digest: Digest) => doing(`looking for blob ${digest}`, () => stat(paths.blob(digest)).catch(unless('ENOENT')))
  return {
    has: async (digest) => (await sizeOf(digest)) !== undefined,
    async stat(digest) {
      const found = await sizeOf(digest)
      return found && { size: found.size }
    },
    read: (digest) => readVerified(paths, digest),
    readDocument: (descriptor) => readSized(paths, descriptor),
    stream: (digest) => createReadStream(paths.blob(digest), { highWaterMark: 1 << 20 }),
    path: (digest) => paths.blob(digest),
    put: (bytes) => put(paths, bytes),
    writer: (options = {}) => openBlobWriter(paths, options),
    remove: (digest) => doing(`removing blob ${digest}`, () => removeTree(paths.blob(digest))),
  }
}

async function readVerified(paths: StorePaths, digest: Digest): Promise<Buffer> {
  const bytes = await doing(`reading blob ${digest}`, () => readFile(paths.blob(digest)))
  const actual = contentDigest(digest, bytes)
  if (actual === digest) return bytes
  throw new StoreError('CORRUPT', `reading blob ${digest}: its content has the digest ${actual}`, {
    hint: `remove ${paths.blob(digest)} and pull the image again`,
  })
}

async function readSized(paths: StorePaths, { digest, size }: Descriptor): Promise<Buffer> {
  const bytes = await doing(`reading blob ${digest}`, () => readFile(paths.blob(digest)))
  if (bytes.length === size) return bytes
  throw new StoreError('CORRUPT', `reading blob ${digest}: it has ${bytes.length} bytes, and ${size} were expected`, {
    hint: `remove ${paths.blob(digest)} and pull the image again`,
  })
}

async function put(paths: StorePaths, bytes: Uint8Array): Promise<Digest> {
  const writer = await openBlobWriter(paths, { digest: digestOf(bytes), size: bytes.length })
  try {
    await writer.write(bytes.subarray(writer.offset))
    return await writer.commit()
  } finally {
    await writer.abort()
  }
}
