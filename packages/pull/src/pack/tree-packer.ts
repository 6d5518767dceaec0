import { type BigIntStats, lstatSync, readdirSync } from 'node:fs'
import { OPAQUE_WHITEOUT, WHITEOUT_PREFIX } from '@gocker/oci'
import { lastName, parentPath } from '../layers/entry-path.ts'
import { layerFile } from '../layers/layer-files.ts'
import { type ByteText, readable, type TarEntry } from '../tar-reader/tar-entry.ts'
import { checkLayerable, isOpaque, isWhiteout } from './overlay-marks.ts'
import { packFile } from './pack-file.ts'
import { reading } from './reading.ts'
import { encodeEntry } from './tar-encoder.ts'
import type { TarOutput } from './tar-output.ts'
import { clampedTime, treeEntry } from './tree-entry.ts'

export interface TreePackerOptions {
  readonly isOverlayUpper: boolean
  /** Paths that are no part of the archive, nor is anything below them. */
  readonly leaveOut?: ReadonlySet<ByteText>
  readonly clampTo: number | undefined
}

/** Writes what is below `/`, which the calling thread has made the tree's directory, by the bytes of the names. */
export class TreePacker {
  readonly #output: TarOutput
  readonly #options: TreePackerOptions
  /** Files with several names, to the first of them. */
  readonly #linked = new Map<string, ByteText>()
  #entries = 0

  constructor(output: TarOutput, options: TreePackerOptions) {
    this.#output = output
    this.#options = options
  }

  /**
   * The root itself is an entry, but for an upper directory: there it is made anew for each layer, and says nothing.
   * @returns the count of entries
   * @throws {PullError}
   */
  pack(): number {
    if (this.#options.isOverlayUpper) this.#packContent('')
    else this.#pack('')
    return this.#entries
  }

  #pack(path: ByteText): void {
    if (this.#options.leaveOut?.has(path)) return
    const stats = reading(quoted(path), () => lstatSync(layerFile(path), { bigint: true }))
    if (this.#options.isOverlayUpper && isWhiteout(stats)) this.#packWhiteout(path, stats)
    else this.#packVisible(path, stats)
  }

  #packVisible(path: ByteText, stats: BigIntStats): void {
    if (this.#options.isOverlayUpper) reading(quoted(path), () => checkLayerable(path))
    const entry = reading(quoted(path), () => treeEntry(path, stats, this.#options.clampTo))
    if (entry === undefined) return
    const first = this.#firstName(entry, stats)
    if (first !== undefined) this.#write({ ...entry, kind: 'hard-link', link: first, size: 0, xattrs: new Map() })
    else this.#packEntry(path, entry, stats)
  }

  #packEntry(path: ByteText, entry: TarEntry, stats: BigIntStats): void {
    this.#write(entry)
    if (entry.kind === 'file') packFile(path, stats, this.#output)
    if (entry.kind !== 'directory') return
    if (this.#options.isOverlayUpper && isOpaque(path)) this.#writeMark(`${path}/${OPAQUE_WHITEOUT}`, stats)
    this.#packContent(path)
  }

  #packContent(path: ByteText): void {
    const names = reading(quoted(path), () => readdirSync(layerFile(path), { encoding: 'latin1' }))
    for (const name of names.sort()) this.#pack(`${path}/${name}`)
  }

  #packWhiteout(path: ByteText, stats: BigIntStats): void {
    this.#writeMark(`${parentPath(path)}/${WHITEOUT_PREFIX}${lastName(path)}`, stats)
  }

  #writeMark(path: ByteText, stats: BigIntStats): void {
    const mtime = clampedTime(stats.mtimeNs, this.#options.clampTo)
    this.#write({
      kind: 'file',
      name: path.slice(1),
      link: '',
      mode: 0o600,
      uid: 0,
      gid: 0,
      size: 0,
      mtime,
      major: 0,
      minor: 0,
      xattrs: new Map(),
    })
  }

  #firstName({ kind, name }: TarEntry, { nlink, dev, ino }: BigIntStats): ByteText | undefined {
    if (kind === 'directory' || nlink < 2n) return undefined
    const key = `${dev}:${ino}`
    const first = this.#linked.get(key)
    if (first === undefined) this.#linked.set(key, name)
    return first
  }

  #write(entry: TarEntry): void {
    this.#entries++
    this.#output.write(encodeEntry(entry))
  }
}

function quoted(path: ByteText): string {
  return JSON.stringify(`/${readable(path.slice(1))}`)
}
