import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  fstatSync,
  lchownSync,
  linkSync,
  mkdirSync,
  openSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { posix } from 'node:path'
import { makeDevice, mknod, OPEN_FLAGS, openBeneath, ownerHere, setTimes } from '@gocker/kernel'
import type { TreeEntry } from '../context/tree.ts'
import { type ContentCopier, copyXattrs } from './copy-content.ts'
import type { CopyItem } from './copy-job.ts'
import type { ModeChange } from './mode.ts'
import type { Owner } from './owner.ts'
import { lstatOf, makeWay, statOf } from './stage-paths.ts'

const { O_PATH, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_NONBLOCK, O_RDONLY, O_WRONLY } = OPEN_FLAGS
const NODE_TYPES = { fifo: 0o010000, character: 0o020000, block: 0o060000 } as const

export interface FilePlacerOptions {
  /** Open directories that files come from. */
  readonly roots: readonly number[]
  readonly ownerOf: (source: Owner) => Owner
  readonly modeOf: ModeChange
  readonly copier: ContentCopier
}

/** Makes one file after the other as its entry says. */
export class FilePlacer {
  readonly #options: FilePlacerOptions
  /** Where each file of several names was placed first. */
  readonly #placed = new Map<string, string>()

  constructor(options: FilePlacerOptions) {
    this.#options = options
  }

  /** Replaces what is there, unless it is a directory. */
  placeFile(item: CopyItem, path: string): void {
    const { type, identity } = item.entry
    // Nobody could talk to it, and no archive holds one.
    if (type === 'socket') return
    makeWay(path)
    const earlier = identity === undefined ? undefined : this.#placed.get(identity)
    if (identity !== undefined) this.#placed.set(identity, earlier ?? path)
    if (earlier !== undefined) linkSync(earlier, path)
    else if (type === 'file') this.#placeContent(item, path)
    else this.#placeNode(item, path)
  }

  /**
   * Makes a directory, or takes the one that is there; a symlink to one is followed.
   * @returns what gives it its owner, mode, attributes and time, to be called when all is in it
   */
  placeDirectory(item: CopyItem, path: string): () => void {
    const { implied } = item
    const stats = lstatOf(path)
    if (stats === undefined) mkdirSync(path, 0o700)
    else if (statOf(path)?.isDirectory() !== true) throw new Error(`${path} is there, and is no directory`)
    const stays = stats !== undefined && (implied === true || !stats.isDirectory())
    return stays ? () => undefined : () => this.#finishDirectory(item, path)
  }

  placeInline(content: string, path: string): void {
    makeWay(path)
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 })
    const { uid, gid } = this.#options.ownerOf({ uid: 0, gid: 0 })
    lchownSync(path, ...ownerHere(uid, gid))
    chmodSync(path, this.#options.modeOf(0o644, false))
  }

  /** Gives what has been placed the source's own time. */
  setTime(path: string, { root, entry }: Pick<CopyItem, 'root' | 'entry'>): void {
    const from = this.#open(root, entry, O_PATH)
    try {
      setTimeTo(path, fstatSync(from, { bigint: true }).mtimeNs)
    } finally {
      closeSync(from)
    }
  }

  #finishDirectory({ root, entry }: CopyItem, path: string): void {
    const { uid, gid } = this.#options.ownerOf(entry)
    lchownSync(path, ...ownerHere(uid, gid))
    chmodSync(path, this.#options.modeOf(entry.mode, true))
    const from = this.#open(root, entry, O_DIRECTORY)
    try {
      copyXattrs(from, path)
      setTimeTo(path, fstatSync(from, { bigint: true }).mtimeNs)
    } finally {
      closeSync(from)
    }
  }

  #placeNode(item: CopyItem, path: string): void {
    const { entry } = item
    const { type } = entry
    if (type === 'symlink') symlinkSync(entry.target ?? '', path)
    else mknod(path, NODE_TYPES[type as keyof typeof NODE_TYPES], makeDevice(...(entry.device ?? [0, 0])))
    const { uid, gid } = this.#options.ownerOf(entry)
    lchownSync(path, ...ownerHere(uid, gid))
    if (type !== 'symlink') chmodSync(path, this.#options.modeOf(entry.mode, false))
    this.setTime(path, item)
  }

  #placeContent({ entry, root }: CopyItem, path: string): void {
    const from = this.#open(root, entry, O_NONBLOCK)
    try {
      const stats = fstatSync(from, { bigint: true })
      checkUnchanged(entry, { isFile: stats.isFile(), size: Number(stats.size), mtime: milliseconds(stats.mtimeNs) })
      const to = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
      try {
        this.#options.copier.copy(from, to, stats)
        this.#finishFile(from, to, entry)
        setTimeTo(to, stats.mtimeNs)
      } finally {
        closeSync(to)
      }
      const { size, mtimeMs } = fstatSync(from)
      checkUnchanged(entry, { isFile: true, size, mtime: mtimeMs })
    } finally {
      closeSync(from)
    }
  }

  /** The order matters: a change of owner clears setuid bits and capabilities, a change of content too, and everything changes times. */
  #finishFile(from: number, to: number, entry: TreeEntry): void {
    const { uid, gid } = this.#options.ownerOf(entry)
    fchownSync(to, ...ownerHere(uid, gid))
    fchmodSync(to, this.#options.modeOf(entry.mode, false))
    copyXattrs(from, to)
  }

  /** Whoever changes a context while it is copied cannot lead out of it. */
  #open(root: number, { path }: TreeEntry, flags: number): number {
    return openBeneath(this.#options.roots[root] ?? -1, path === '' ? '.' : path, O_RDONLY | O_NOFOLLOW | flags)
  }
}

/** The cache knows the layer by what the file was when it was read for it. */
function checkUnchanged({ path, size, mtime }: TreeEntry, now: { isFile: boolean; size: number; mtime: number }): void {
  if (now.isFile && now.size === size && now.mtime === mtime) return
  throw new Error(`${posix.basename(path)} changes while the build reads it`)
}

const BILLION = 1_000_000_000n

function setTimeTo(file: string | number, mtime: bigint): void {
  const time = partsOf(mtime)
  setTimes(file, { atime: time, mtime: time })
}

/** As node:fs gives them: in a number that has lost the last digits. */
function milliseconds(time: bigint): number {
  const { seconds, nanoseconds } = partsOf(time)
  return Number(seconds) * 1000 + nanoseconds / 1e6
}

/** Nanoseconds count up, before 1970 too. */
function partsOf(time: bigint): { seconds: bigint; nanoseconds: number } {
  const nanoseconds = ((time % BILLION) + BILLION) % BILLION
  return { seconds: (time - nanoseconds) / BILLION, nanoseconds: Number(nanoseconds) }
}
