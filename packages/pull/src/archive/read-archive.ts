import { once } from 'node:events'
import { posix } from 'node:path'
import { PassThrough } from 'node:stream'
import type { Digest } from '@gocker/oci'
import type { BlobWriter, Store } from '@gocker/store'
import { PullError } from '../error.ts'
import { openTarball } from '../import/tarball.ts'
import { inflateInto } from '../layers/inflate.ts'
import { readable, type TarEntry } from '../tar-reader/tar-entry.ts'
import { TarReader } from '../tar-reader/tar-reader.ts'

export interface ArchivedFile {
  readonly digest: Digest
  readonly size: number
}

interface ReadOptions {
  readonly source: AsyncIterable<Uint8Array>
  readonly store: Store
  readonly signal?: AbortSignal | undefined
  /** Takes the digests of the blobs, one by one. */
  readonly brought: Digest[]
}

const MOST_LINKS = 8
/** No document of an archive comes near it. */
const LARGEST_DOCUMENT = 16 * 1024 * 1024

/** The files of an archive, which are blobs of the store now, by the names that they had. */
export class ArchiveContent {
  readonly #store: Store
  readonly #files = new Map<string, ArchivedFile>()
  readonly #links = new Map<string, string>()

  constructor(store: Store) {
    this.#store = store
  }

  add(name: string, file: ArchivedFile): void {
    this.#files.set(normal(name), file)
  }

  /** Old archives say with symlinks that two layers are one. */
  addLink({ kind, name, link }: TarEntry): void {
    const target = readable(link)
    this.#links.set(normal(readable(name)), kind === 'symlink' ? normal(posix.join(posix.dirname(readable(name)), target)) : normal(target))
  }

  find(name: string): ArchivedFile | undefined {
    let path = normal(name)
    for (let count = 0; count < MOST_LINKS && this.#links.has(path); count++) path = this.#links.get(path) ?? path
    return this.#files.get(path)
  }

  /** @throws {PullError} `BAD_ARCHIVE` */
  get(name: string): ArchivedFile {
    const file = this.find(name)
    if (file !== undefined) return file
    throw new PullError('BAD_ARCHIVE', `loading images: the archive has no ${name}`)
  }

  /** A document. @throws {PullError} `BAD_ARCHIVE` */
  async read(name: string): Promise<Buffer> {
    const { digest, size } = this.get(name)
    if (size > LARGEST_DOCUMENT) throw new PullError('BAD_ARCHIVE', `loading images: ${name} has ${size} bytes, too many for a document`)
    return await this.#store.blobs.read(digest)
  }
}

/**
 * Takes an archive in, in one pass: plain, gzip or zstd. What is in it comes in any order, so every file is kept as a blob; what no image
 * needs is garbage.
 * @throws {PullError} `BAD_ARCHIVE`, `UNSUPPORTED_MEDIA_TYPE`
 */
export async function readArchive(options: ReadOptions): Promise<ArchiveContent> {
  const content = new ArchiveContent(options.store)
  const keeper = new FileKeeper(content, options)
  const reader = new TarReader(keeper)
  try {
    for await (const chunk of inflated(options.source, options.signal)) {
      reader.write(chunk)
      await keeper.settle()
    }
    reader.close()
    return content
  } finally {
    await keeper.abort()
  }
}

async function* inflated(source: AsyncIterable<Uint8Array>, signal = new AbortController().signal): AsyncIterable<Buffer> {
  const { compression, content } = await openTarball(source)
  const stream = new PassThrough({ highWaterMark: 1 << 20 })
  const done = inflateInto(stream, { source: content, compression, signal }).catch((error: Error) => void stream.destroy(error))
  try {
    yield* stream as AsyncIterable<Buffer>
  } finally {
    if (!stream.closed) {
      stream.destroy()
      await once(stream, 'close')
    }
    await done
  }
}

type Told = { readonly entry: TarEntry } | { readonly data: Buffer } | { readonly end: true }

/** Keeps each file as a blob. The reader tells without waiting, so what it has told of a chunk is done behind it. */
class FileKeeper {
  readonly #content: ArchiveContent
  readonly #options: ReadOptions
  #told: Told[] = []
  #name = ''
  #writer: BlobWriter | undefined

  constructor(content: ArchiveContent, options: ReadOptions) {
    this.#content = content
    this.#options = options
  }

  entry(entry: TarEntry): void {
    this.#told.push({ entry })
  }

  data(memory: Buffer, start: number, end: number): void {
    this.#told.push({ data: memory.subarray(start, end) })
  }

  end(): void {
    this.#told.push({ end: true })
  }

  async settle(): Promise<void> {
    const told = this.#told
    this.#told = []
    for (const each of told) {
      if ('entry' in each) await this.#begin(each.entry)
      else if ('data' in each) await this.#writer?.write(each.data)
      else await this.#finish()
    }
  }

  async abort(): Promise<void> {
    await this.#writer?.abort()
  }

  async #begin(entry: TarEntry): Promise<void> {
    const { store, signal } = this.#options
    signal?.throwIfAborted()
    if (entry.kind === 'symlink' || entry.kind === 'hard-link') this.#content.addLink(entry)
    if (entry.kind !== 'file') return
    this.#name = readable(entry.name)
    this.#writer = await store.blobs.writer({ signal })
  }

  async #finish(): Promise<void> {
    const writer = this.#writer
    if (writer === undefined) return
    const digest = await writer.commit()
    this.#writer = undefined
    checkName(this.#name, digest)
    this.#options.brought.push(digest)
    this.#content.add(this.#name, { digest, size: writer.offset })
  }
}

/** A blob of a layout is named by its digest. */
function checkName(name: string, digest: Digest): void {
  const hex = /^blobs\/sha256\/([0-9a-f]{64})$/.exec(normal(name))?.[1]
  if (hex !== undefined && digest !== `sha256:${hex}`)
    throw new PullError('DIGEST_MISMATCH', `loading images: expected sha256:${hex}, ${name} has ${digest}`)
}

function normal(name: string): string {
  return posix.normalize(name).replace(/^\/+/, '')
}
