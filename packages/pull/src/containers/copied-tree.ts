import { type BigIntStats, closeSync, constants, fstatSync, lstatSync, openSync, readdirSync } from 'node:fs'
import { PullError } from '../error.ts'
import { layerFile } from '../layers/layer-files.ts'
import { reading } from '../pack/reading.ts'
import { encodeEntry } from '../pack/tar-encoder.ts'
import type { TarOutput } from '../pack/tar-output.ts'
import { treeEntry } from '../pack/tree-entry.ts'
import { type ByteText, readable, type TarEntry } from '../tar-reader/tar-entry.ts'
import type { Source } from './source.ts'

// NONBLOCK: should a fifo have come to the file's place, opening it must not wait for a writer.
const FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK

/** Writes a file, or a directory and all below it, as it is now: somebody may be at work there, and files may grow and go. */
export class CopiedTree {
  readonly #output: TarOutput
  /** Files with several names, to the first of them. */
  readonly #linked = new Map<string, ByteText>()
  readonly #isImage: boolean
  #entries = 0

  /** @param isImage names are those of an image's layer: `bin/sh`, where cp's are `./bin/sh` */
  constructor(output: TarOutput, { isImage }: { readonly isImage: boolean }) {
    this.#output = output
    this.#isImage = isImage
  }

  /**
   * @returns the count of entries
   * @throws {PullError} `FILE_CHANGED`, `READ_FAILED`, `NOT_PERMITTED`
   */
  pack({ path, name }: Source): number {
    this.#pack(path, name)
    if (this.#entries === 0) throw new PullError('READ_FAILED', `reading ${quoted(path)}: no archive holds a socket`)
    return this.#entries
  }

  #pack(path: ByteText, name: ByteText): void {
    const stats = reading(quoted(path), () => lstatSync(layerFile(path), { bigint: true, throwIfNoEntry: false }))
    if (stats === undefined) return
    if (stats.isFile()) this.#packFile(path, name)
    else this.#packOther(path, name, stats)
  }

  #packOther(path: ByteText, name: ByteText, stats: BigIntStats): void {
    const entry = this.#entry(path, name, stats)
    if (entry === undefined || this.#isLink(entry, stats)) return
    this.#write(entry)
    if (entry.kind === 'directory') this.#packContent(path, name)
  }

  #packContent(path: ByteText, name: ByteText): void {
    const names = passingOverGone(quoted(path), () => readdirSync(layerFile(path), { encoding: 'latin1' })) ?? []
    const prefix = this.#isImage && name === '.' ? '' : `${name}/`
    for (const below of names.sort()) this.#pack(`${path}/${below}`, `${prefix}${below}`)
  }

  /** What is told of the file is of the one that is open. */
  #packFile(path: ByteText, name: ByteText): void {
    const file = passingOverGone(quoted(path), () => openSync(layerFile(path), FLAGS))
    if (file === undefined) return
    try {
      const stats = fstatSync(file, { bigint: true })
      if (!stats.isFile()) throw changed(path, 'it is no file any more')
      const entry = this.#entry(path, name, stats)
      if (entry === undefined || this.#isLink(entry, stats)) return
      this.#write(entry)
      const written = reading(quoted(path), () => this.#output.writeFile(file, entry.size))
      if (written < entry.size) throw changed(path, `it ended after ${written} of ${entry.size} bytes`)
      this.#output.pad()
    } finally {
      closeSync(file)
    }
  }

  #entry(path: ByteText, name: ByteText, stats: BigIntStats): TarEntry | undefined {
    const entry = passingOverGone(quoted(path), () => treeEntry(path, stats, undefined))
    return entry && { ...entry, name: entry.kind === 'directory' ? `${name}/` : name }
  }

  #isLink(entry: TarEntry, { nlink, dev, ino }: BigIntStats): boolean {
    if (entry.kind === 'directory' || nlink < 2n) return false
    const key = `${dev}:${ino}`
    const link = this.#linked.get(key)
    if (link === undefined) this.#linked.set(key, entry.name)
    else this.#write({ ...entry, kind: 'hard-link', link, size: 0, xattrs: new Map() })
    return link !== undefined
  }

  #write(entry: TarEntry): void {
    this.#entries++
    this.#output.write(encodeEntry(entry))
  }
}

function passingOverGone<Result>(what: string, read: () => Result): Result | undefined {
  return reading(what, () => {
    try {
      return read()
    } catch (error) {
      // ENOTDIR, EINVAL, ELOOP: something of another kind has its name by now.
      if (['ENOENT', 'ENOTDIR', 'EINVAL', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined
      throw error
    }
  })
}

function changed(path: ByteText, why: string): PullError {
  return new PullError('FILE_CHANGED', `reading ${quoted(path)}: ${why}`, {
    hint: 'stop what writes to it, or pause the container, then try again',
  })
}

function quoted(path: ByteText): string {
  return JSON.stringify(`/${readable(path.slice(1))}`)
}
