import { closeSync, constants, ftruncateSync, linkSync, mkdirSync, openSync, symlinkSync, writeSync } from 'node:fs'
import { inUserNamespace, makeDevice, mknod } from '@gocker/kernel'
import { WHITEOUT_PREFIX, whiteoutOf } from '@gocker/oci'
import { badArchive } from '../tar-reader/bad-archive.ts'
import { type ByteText, filePath, readable, type TarEntry, type TarSink } from '../tar-reader/tar-entry.ts'
import { cannotOverwrite } from './cannot-overwrite.ts'
import { entryPath, lastName, parentPath } from './entry-path.ts'
import { LayerDirectories } from './layer-directories.ts'
import { layerFile, removeTree, statFile } from './layer-files.ts'
import { LayerWhiteouts } from './layer-whiteouts.ts'
import { finishDirectory, finishOpenFile, finishPath, plainMode } from './metadata.ts'
import { writingEntry } from './writing-entry.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_WRONLY } = constants
const FILE_KINDS = { 'character-device': 0o020000, 'block-device': 0o060000, fifo: 0o010000 } as const
const BOOKKEEPING = `/${WHITEOUT_PREFIX}${WHITEOUT_PREFIX}`

export interface LayerWriterOptions {
  /** `.wh.` names hide files of the layers below; they are names as any other otherwise. */
  readonly hidesFiles: boolean
  /** A directory gives way to a file, and a file to a directory. */
  readonly replacesKinds: boolean
}

/**
 * Writes the entries of a layer below `/`, which the calling thread has made the layer's directory. A later entry replaces an earlier one of its
 * name, but a directory on a directory keeps what is in it.
 */
export class LayerWriter implements TarSink {
  readonly #options: LayerWriterOptions
  readonly #directories: LayerDirectories
  readonly #whiteouts = new LayerWhiteouts()
  // Their owner, mode and times come last: until then none passes its group or its access list on to what is made in it.
  readonly #unfinished = new Map<ByteText, TarEntry>()
  #entries = 0
  #file: { readonly fd: number; readonly entry: TarEntry } | undefined

  constructor(options: LayerWriterOptions) {
    this.#options = options
    this.#directories = new LayerDirectories(options)
  }

  /** @throws {PullError} */
  entry(entry: TarEntry): void {
    this.#entries++
    writingEntry(entry.name, () => this.#place(entry, entryPath(entry.name)))
  }

  data(memory: Buffer, start: number, end: number, offset: number): void {
    const file = this.#file
    if (file === undefined) return
    writingEntry(file.entry.name, () => {
      for (let at = start; at < end; ) at += writeSync(file.fd, memory, at, end - at, offset + at - start)
    })
  }

  end(): void {
    const file = this.#file
    if (file === undefined) return
    writingEntry(file.entry.name, () => {
      if (file.entry.extents !== undefined) ftruncateSync(file.fd, file.entry.size)
      finishOpenFile(file.fd, file.entry)
      closeSync(file.fd)
    })
    this.#file = undefined
  }

  /**
   * Writes what had to wait for all entries.
   * @returns the count of entries
   */
  finish(): number {
    this.#whiteouts.write()
    for (const [path, entry] of [...this.#unfinished].reverse()) writingEntry(entry.name, () => finishDirectory(layerFile(path), entry))
    return this.#entries
  }

  #place(entry: TarEntry, named: ByteText): void {
    const whiteout = this.#options.hidesFiles ? whiteoutOf(lastName(named)) : undefined
    if (whiteout?.kind === 'metadata' || this.#isBookkeeping(named)) return
    const path = this.#directories.place(named)
    if (whiteout !== undefined) this.#whiteouts.add(whiteout, parentPath(path), entry.mtime)
    else this.#write(entry, path)
  }

  #isBookkeeping(named: ByteText): boolean {
    return this.#options.hidesFiles && parentPath(named).includes(BOOKKEEPING)
  }

  #write(entry: TarEntry, path: ByteText): void {
    if (entry.kind === 'directory') this.#writeDirectory(entry, path)
    else if (path === '') throw badArchive(`tar entry ${JSON.stringify(readable(entry.name))}`, "it would replace the layer's root")
    else if (entry.kind === 'file') this.#openFile(entry, path)
    else if (entry.kind === 'symlink') this.#writeSymlink(entry, path)
    else if (entry.kind === 'hard-link') this.#writeHardLink(entry, path)
    else this.#writeNode(entry, entry.kind, path)
  }

  #writeDirectory(entry: TarEntry, path: ByteText): void {
    const make = () => mkdirSync(layerFile(path), plainMode(entry.mode))
    const found = path === '' ? undefined : statFile(path)
    if (found !== undefined && !found.isDirectory() && !this.#options.replacesKinds) throw cannotOverwrite(path, 'a file with a directory')
    if (path !== '' && !found?.isDirectory()) this.#replace(path, make)
    this.#unfinished.set(path, entry)
  }

  #openFile(entry: TarEntry, path: ByteText): void {
    const flags = O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY
    this.#replace(path, () => {
      this.#file = { fd: openSync(layerFile(path), flags, plainMode(entry.mode)), entry }
    })
  }

  #writeSymlink(entry: TarEntry, path: ByteText): void {
    this.#replace(path, () => symlinkSync(filePath(entry.link), layerFile(path)))
    finishPath(layerFile(path), entry)
  }

  // The link's own owner, mode and times are those of the file, which its first entry gave.
  #writeHardLink(entry: TarEntry, path: ByteText): void {
    const target = this.#directories.place(entryPath(entry.link))
    if (statFile(target) === undefined)
      throw badArchive(
        `tar entry ${JSON.stringify(readable(entry.name))}`,
        `it links to ${JSON.stringify(readable(entry.link))}, which no entry made`,
      )
    if (target !== path) this.#replace(path, () => linkSync(layerFile(target), layerFile(path)))
  }

  #writeNode(entry: TarEntry, kind: keyof typeof FILE_KINDS, path: ByteText): void {
    // In a user namespace nobody can make one; a container's /dev is its own in any case.
    if (kind !== 'fifo' && inUserNamespace()) return
    const mode = FILE_KINDS[kind] | plainMode(entry.mode)
    this.#replace(path, () => mknod(layerFile(path), mode, makeDevice(entry.major, entry.minor)))
    finishPath(layerFile(path), entry)
  }

  /** @param make fails with EEXIST where something is, even a symlink */
  #replace(path: ByteText, make: () => void): void {
    try {
      make()
    } catch (error) {
      if ((error as { code?: unknown }).code !== 'EEXIST') throw error
      if (!this.#options.replacesKinds && statFile(path)?.isDirectory()) throw cannotOverwrite(path, 'a directory with a file')
      this.#remove(path)
      make()
    }
  }

  #remove(path: ByteText): void {
    removeTree(path)
    this.#directories.forget()
    for (const directory of this.#unfinished.keys())
      if (directory === path || directory.startsWith(`${path}/`)) this.#unfinished.delete(directory)
  }
}
