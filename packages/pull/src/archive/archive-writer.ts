import type { Digest } from '@gocker/oci'
import { digestAlgorithm, digestHex } from '@gocker/oci'
import type { Store } from '@gocker/store'
import type { ArchiveSink } from '../pack/pack-in-thread.ts'
import { encodeEntry } from '../pack/tar-encoder.ts'
import { BLOCK_SIZE } from '../tar-reader/tar-header.ts'
import { keptBlob } from '../transfer/kept-blob.ts'

/** Writes an OCI image layout as a tar; equal content gives equal bytes. */
export class ArchiveWriter {
  readonly #sink: ArchiveSink
  readonly #written = new Set<string>()

  constructor(sink: ArchiveSink) {
    this.#sink = sink
  }

  async file(name: string, content: Buffer): Promise<void> {
    await this.#header({ kind: 'file', name, mode: 0o644, size: content.length })
    await this.#sink(content)
    await this.#pad(content.length)
  }

  /** A blob of the store, the first time that it is asked for. */
  async blob(store: Store, blob: { readonly digest: Digest; readonly size: number }): Promise<void> {
    await this.stream(blob, () => keptBlob(store, blob.digest))
  }

  /** A blob from elsewhere, which must have the size that is said; opened the first time that it is asked for. */
  async stream({ digest, size }: { readonly digest: Digest; readonly size: number }, open: () => AsyncIterable<Buffer>): Promise<void> {
    if (!(await this.#begin(digest, size))) return
    for await (const chunk of open()) await this.#sink(chunk)
    await this.#pad(size)
  }

  /** A blob that is not in the store. */
  async document(digest: Digest, bytes: Buffer): Promise<void> {
    if (!(await this.#begin(digest, bytes.length))) return
    await this.#sink(bytes)
    await this.#pad(bytes.length)
  }

  async finish(): Promise<void> {
    await this.#sink(Buffer.alloc(2 * BLOCK_SIZE))
  }

  async #begin(digest: Digest, size: number): Promise<boolean> {
    for (const name of ['blobs/', `blobs/${digestAlgorithm(digest)}/`])
      if (this.#isNew(name)) await this.#header({ kind: 'directory', name, mode: 0o755, size: 0 })
    const name = blobName(digest)
    if (!this.#isNew(name)) return false
    await this.#header({ kind: 'file', name, mode: 0o644, size })
    return true
  }

  #isNew(name: string): boolean {
    const isNew = !this.#written.has(name)
    this.#written.add(name)
    return isNew
  }

  async #header(entry: { kind: 'file' | 'directory'; name: string; mode: number; size: number }): Promise<void> {
    const rest = { link: '', uid: 0, gid: 0, mtime: { seconds: 0, nanoseconds: 0 }, major: 0, minor: 0, xattrs: new Map() }
    await this.#sink(encodeEntry({ ...entry, ...rest }))
  }

  async #pad(size: number): Promise<void> {
    const missing = (BLOCK_SIZE - (size % BLOCK_SIZE)) % BLOCK_SIZE
    if (missing > 0) await this.#sink(Buffer.alloc(missing))
  }
}

/** @see https://github.com/opencontainers/image-spec/blob/main/image-layout.md#blobs */
export function blobName(digest: Digest): string {
  return `blobs/${digestAlgorithm(digest)}/${digestHex(digest)}`
}
