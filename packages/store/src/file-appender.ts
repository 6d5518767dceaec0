import type { OpenFile } from './quick-files.ts'

/** Bytes that are gathered for one writev(2), and at which the producer is asked to wait while another is under way. */
const BATCH = 1 << 20
/** Bytes after which the disk is set to work, so that the sync at the end finds little left to do. */
const SYNC_EVERY = 32 << 20

/** Appends chunks to a file in large batches behind the producer's back. The first failure is kept, and thrown by every later call. */
export class FileAppender {
  readonly #file: OpenFile
  #end: number
  #synced: number
  #pending: Uint8Array[] = []
  #pendingBytes = 0
  #writing: Promise<void> | undefined
  #syncing: Promise<void> | undefined
  #failure: { readonly cause: unknown } | undefined

  constructor(file: OpenFile, end: number) {
    this.#file = file
    this.#end = end
    this.#synced = end
  }

  /** @returns a promise, which never rejects, when the producer should wait for the disk */
  append(chunk: Uint8Array): Promise<void> | undefined {
    this.#throwFailure()
    this.#pending.push(chunk)
    this.#pendingBytes += chunk.length
    if (this.#pendingBytes < BATCH) return undefined
    if (this.#writing !== undefined) return this.#writing
    this.#startWriting()
    return undefined
  }

  /** Gives everything to the kernel. */
  async flush(): Promise<void> {
    while (this.#writing !== undefined || this.#pending.length > 0) {
      this.#throwFailure()
      if (this.#writing === undefined) this.#startWriting()
      await this.#writing
    }
    this.#throwFailure()
  }

  /** Gives everything to the disk. */
  async sync(): Promise<void> {
    await this.flush()
    await this.#syncing
    this.#throwFailure()
    await this.#file.datasync()
  }

  /** Forgets what is not written yet, and waits until nothing is under way: the file may then be closed. */
  async stop(): Promise<void> {
    this.#pending = []
    this.#pendingBytes = 0
    await this.#writing
    await this.#syncing
  }

  #throwFailure(): void {
    if (this.#failure !== undefined) throw this.#failure.cause
  }

  #startWriting(): void {
    this.#writing = this.#writePending()
      .catch((cause: unknown) => this.#fail(cause))
      .finally(() => {
        this.#writing = undefined
      })
  }

  async #writePending(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending
      this.#pending = []
      this.#pendingBytes = 0
      await this.#writeBatch(batch)
      if (this.#end - this.#synced >= SYNC_EVERY) this.#startSyncing()
    }
  }

  async #writeBatch(batch: Uint8Array[]): Promise<void> {
    let rest = batch
    while (rest.length > 0) {
      const bytesWritten = await this.#file.writev(rest, this.#end)
      this.#end += bytesWritten
      rest = after(rest, bytesWritten)
    }
  }

  #startSyncing(): void {
    if (this.#syncing !== undefined) return
    this.#synced = this.#end
    this.#syncing = this.#file
      .datasync()
      .catch((cause: unknown) => this.#fail(cause))
      .finally(() => {
        this.#syncing = undefined
      })
  }

  #fail(cause: unknown): void {
    this.#failure ??= { cause }
  }
}

/** What is left of `chunks` after their first `count` bytes. */
function after(chunks: Uint8Array[], count: number): Uint8Array[] {
  let skipped = 0
  for (const [position, chunk] of chunks.entries()) {
    if (skipped + chunk.length > count) return [chunk.subarray(count - skipped), ...chunks.slice(position + 1)]
    skipped += chunk.length
  }
  return []
}
