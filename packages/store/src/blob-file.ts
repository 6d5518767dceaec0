import { constants, createReadStream } from 'node:fs'
import type { Readable } from 'node:stream'
import { type Digest, digestAlgorithm } from '@gocker/oci'
import type { BlobWriter, BlobWriterOptions } from './blob-writer.ts'
import { Digester } from './content-digest.ts'
import { diskFailure, doing, StoreError, unless } from './error.ts'
import { FileAppender } from './file-appender.ts'
import { type Held, makeHeldFile } from './held.ts'
import { openLocked } from './lock.ts'
import { renameInto } from './move.ts'
import type { StorePaths } from './paths.ts'
import { rm, stat } from './quick-files.ts'

const READ_AHEAD = 1 << 20

/** Blobs.writer. */
export async function openBlobWriter(paths: StorePaths, options: BlobWriterOptions): Promise<BlobWriter> {
  const { digest } = options
  return await doing(`writing blob ${digest ?? '(new)'}`, async () => {
    const held =
      digest === undefined ? await makeHeldFile((random) => paths.tmp(`blob-${random}`)) : await holdPartial(paths, digest, options)
    try {
      const size = digest && (await finishedSize(paths, digest, options.size))
      if (digest === undefined || size === undefined) return await BlobFile.open(paths, held, options)
      await discard(held)
      return finishedBlob(paths, digest, size)
    } catch (error) {
      await discard(held)
      throw error
    }
  })
}

async function holdPartial(paths: StorePaths, digest: Digest, { signal }: BlobWriterOptions): Promise<Held> {
  const path = paths.partialBlob(digest)
  const handle = await openLocked(path, { flags: constants.O_RDWR | constants.O_CREAT, signal })
  return { path, handle }
}

/** A file of another size is not the blob, whoever has damaged it: it is written again. */
async function finishedSize(paths: StorePaths, digest: Digest, expected: number | undefined): Promise<number | undefined> {
  const found = await stat(paths.blob(digest)).catch(unless('ENOENT'))
  return found === undefined || found.size !== (expected ?? found.size) ? undefined : found.size
}

async function discard({ path, handle }: Held): Promise<void> {
  await rm(path, { force: true })
  await handle.close()
}

/** The writer of a blob that somebody else has committed. */
function finishedBlob(paths: StorePaths, digest: Digest, size: number): BlobWriter {
  return {
    offset: size,
    written: () => bytesOf(paths.blob(digest), size),
    write(chunk) {
      if (chunk.length > 0) throw tooLong(digest, size)
      return undefined
    },
    commit: async () => digest,
    abort: async () => {},
  }
}

class BlobFile implements BlobWriter {
  readonly #paths: StorePaths
  readonly #held: Held
  readonly #label: string
  readonly #digest: Digest | undefined
  readonly #size: number
  readonly #digester: Digester
  readonly #appender: FileAppender
  readonly #resumedAt: number
  #offset: number
  #isOpen = true

  static async open(paths: StorePaths, held: Held, options: BlobWriterOptions): Promise<BlobFile> {
    const digester = new Digester(options.digest === undefined ? 'sha256' : digestAlgorithm(options.digest))
    const resumedAt = await resume(held, digester, options.size ?? Number.POSITIVE_INFINITY)
    return new BlobFile(paths, held, { ...options, digester, resumedAt })
  }

  constructor(paths: StorePaths, held: Held, options: BlobWriterOptions & { digester: Digester; resumedAt: number }) {
    this.#paths = paths
    this.#held = held
    this.#label = options.digest ?? '(new)'
    this.#digest = options.digest
    this.#size = options.size ?? Number.POSITIVE_INFINITY
    this.#digester = options.digester
    this.#appender = new FileAppender(held.handle, options.resumedAt)
    this.#resumedAt = options.resumedAt
    this.#offset = options.resumedAt
  }

  get offset(): number {
    return this.#offset
  }

  written(): Readable {
    return bytesOf(this.#held.path, this.#resumedAt)
  }

  write(chunk: Uint8Array): Promise<void> | undefined {
    if (this.#offset + chunk.length > this.#size) throw tooLong(this.#label, this.#size)
    this.#digester.update(chunk)
    this.#offset += chunk.length
    try {
      return this.#appender.append(chunk)
    } catch (cause) {
      throw diskFailure(`writing blob ${this.#label}`, cause)
    }
  }

  async commit(): Promise<Digest> {
    try {
      return await doing(`writing blob ${this.#label}`, async () => {
        const digest = this.#verify()
        await this.#appender.sync()
        await renameInto(this.#held.path, this.#paths.blob(digest))
        await this.#close()
        return digest
      })
    } finally {
      await this.abort()
    }
  }

  async abort({ keepPartial = false }: { readonly keepPartial?: boolean } = {}): Promise<void> {
    if (!this.#isOpen) return
    const isKept = keepPartial && this.#digest !== undefined && (await this.#flushed())
    await this.#appender.stop()
    if (!isKept) await rm(this.#held.path, { force: true })
    await this.#close()
  }

  async #flushed(): Promise<boolean> {
    try {
      await this.#appender.flush()
      return this.#offset > 0
    } catch {
      // A disk that refused the bytes is better off without them.
      return false
    }
  }

  #verify(): Digest {
    if (this.#offset !== this.#size && this.#size !== Number.POSITIVE_INFINITY)
      throw new StoreError('SIZE_MISMATCH', `writing blob ${this.#label}: ${this.#offset} bytes came, expected ${this.#size}`)
    const actual = this.#digester.digest()
    if (this.#digest === undefined || actual === this.#digest) return actual
    throw new StoreError('DIGEST_MISMATCH', `writing blob ${this.#digest}: the bytes have the digest ${actual}`)
  }

  async #close(): Promise<void> {
    this.#isOpen = false
    await this.#held.handle.close()
  }
}

/** Takes up what an earlier writer left: the digest goes over it once more. Bytes past `limit` show that it is of no use. */
async function resume({ handle }: Held, digester: Digester, limit: number): Promise<number> {
  const { size } = await handle.stat()
  if (size > limit) await handle.truncate(0)
  const chunk = Buffer.allocUnsafe(Math.min(size, READ_AHEAD))
  for (let offset = 0; ; ) {
    const bytesRead = await handle.read(chunk, offset)
    if (bytesRead === 0) return offset
    digester.update(chunk.subarray(0, bytesRead))
    offset += bytesRead
  }
}

function bytesOf(path: string, count: number): Readable {
  if (count > 0) return createReadStream(path, { end: count - 1, highWaterMark: READ_AHEAD })
  // Loaded when it is needed: every command has this file, and few read blobs.
  return process.getBuiltinModule('node:stream').Readable.from([])
}

function tooLong(what: string, size: number): StoreError {
  return new StoreError('SIZE_MISMATCH', `writing blob ${what}: more than the expected ${size} bytes came`)
}
