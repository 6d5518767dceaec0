import {
  chmodSync,
  closeSync,
  fchmodSync,
  fchownSync,
  lchownSync,
  linkSync,
  lstatSync,
  mkdirSync,
  openSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { posix } from 'node:path'
import { makeDevice, mknod, OPEN_FLAGS, openBeneath, setTimes } from '@gocker/kernel'
import type { TreeEntry } from '../context/tree.ts'
import { copyContent, copyXattrs } from './copy-content.ts'
import type { CopyItem, CopyJob, CopySource } from './copy-job.ts'
import { type Owner, ownerIn } from './owner.ts'

const { O_CREAT, O_EXCL, O_NOFOLLOW, O_RDONLY, O_WRONLY } = OPEN_FLAGS

/** Puts the files of one COPY in place, in a thread whose root is the stage. */
export class Placer {
  readonly #job: CopyJob
  readonly #roots: readonly number[]
  readonly #owner: Owner
  readonly #mode: number | undefined
  /** Where each file of several names was placed first. */
  readonly #placed = new Map<string, string>()

  constructor(job: CopyJob, roots: readonly number[]) {
    this.#job = job
    this.#roots = roots
    this.#owner = job.owner === undefined ? { uid: 0, gid: 0 } : ownerIn('/', job.owner)
    this.#mode = job.mode === undefined ? undefined : Number.parseInt(job.mode, 8)
  }

  placeAll(): void {
    const { destination, workdir, sources, inline } = this.#job
    const target = posix.resolve('/', workdir, destination)
    const isDirectory = /(?:^|\/)\.?$/.test(destination) || sources.length + inline.length > 1 || statOf(target)?.isDirectory() === true
    for (const source of sources) this.#placeSource(source, target, isDirectory)
    for (const { name, content } of inline) this.#placeInline(content, isDirectory ? posix.join(target, name) : target)
  }

  #placeSource({ name, items }: CopySource, target: string, isDirectory: boolean): void {
    const [first, ...rest] = items
    if (first === undefined) return
    if (first.entry.type === 'directory') this.#placeContents(rest, target)
    else this.#placeItem(first, isDirectory ? posix.join(target, name) : target)
  }

  /** Of a directory its content is copied, not itself. */
  #placeContents(items: readonly CopyItem[], target: string): void {
    this.#makeDirectories(target)
    const times: (readonly [path: string, entry: TreeEntry])[] = []
    for (const item of items) {
      const path = posix.join(target, item.below)
      if (item.entry.type === 'directory') {
        if (this.#placeDirectory(item.entry, path)) times.push([path, item.entry])
      } else this.#placeFile(item, path)
    }
    // Last and from within: putting a file into a directory changes the directory's time.
    for (const [path, entry] of times.reverse()) this.#setTime(path, entry)
  }

  #placeItem(item: CopyItem, path: string): void {
    this.#makeDirectories(posix.dirname(path))
    this.#placeFile(item, path)
  }

  /** Makes what is missing of a path, owned as the copied files are. */
  #makeDirectories(path: string): void {
    const stats = statOf(path)
    if (stats?.isDirectory() === true) return
    if (stats !== undefined) throw new Error(`${path} is there, and is no directory`)
    this.#makeDirectories(posix.dirname(path))
    mkdirSync(path, 0o755)
    lchownSync(path, this.#owner.uid, this.#owner.gid)
  }

  /** @returns whether it is new: what was there keeps its owner, mode and time */
  #placeDirectory(entry: TreeEntry, path: string): boolean {
    const stats = statOf(path)
    if (stats?.isDirectory() === true) return false
    if (stats !== undefined) throw new Error(`${path} is there, and is no directory`)
    mkdirSync(path, 0o755)
    lchownSync(path, this.#owner.uid, this.#owner.gid)
    chmodSync(path, this.#mode ?? entry.mode)
    return true
  }

  #placeFile(item: CopyItem, path: string): void {
    const { entry } = item
    if (entry.type === 'socket') return
    removeFile(path)
    const earlier = entry.identity === undefined ? undefined : this.#placed.get(entry.identity)
    if (entry.identity !== undefined) this.#placed.set(entry.identity, earlier ?? path)
    if (earlier !== undefined) linkSync(earlier, path)
    else if (entry.type === 'file') this.#placeContent(item, path)
    else this.#placeNode(entry, path)
  }

  #placeNode(entry: TreeEntry, path: string): void {
    if (entry.type === 'symlink') symlinkSync(entry.target ?? '', path)
    else mknod(path, nodeMode(entry), makeDevice(...(entry.device ?? [0, 0])))
    lchownSync(path, this.#owner.uid, this.#owner.gid)
    if (entry.type !== 'symlink') chmodSync(path, this.#mode ?? entry.mode)
    this.#setTime(path, entry)
  }

  #placeContent({ entry, root }: CopyItem, path: string): void {
    const from = openBeneath(this.#roots[root] ?? -1, entry.path, O_RDONLY | O_NOFOLLOW)
    try {
      const to = openSync(path, O_CREAT | O_EXCL | O_WRONLY | O_NOFOLLOW, 0o600)
      try {
        copyContent(from, to)
        fchownSync(to, this.#owner.uid, this.#owner.gid)
        fchmodSync(to, this.#mode ?? entry.mode)
        copyXattrs(from, to)
        this.#setTime(to, entry)
      } finally {
        closeSync(to)
      }
    } finally {
      closeSync(from)
    }
  }

  #placeInline(content: string, path: string): void {
    this.#makeDirectories(posix.dirname(path))
    removeFile(path)
    writeFileSync(path, content, { flag: 'wx', mode: 0o600 })
    lchownSync(path, this.#owner.uid, this.#owner.gid)
    chmodSync(path, this.#mode ?? 0o644)
  }

  #setTime(file: string | number, { mtime }: TreeEntry): void {
    const time = { seconds: Number(mtime / 1_000_000_000n), nanoseconds: Number(mtime % 1_000_000_000n) }
    setTimes(file, { atime: time, mtime: time })
  }
}

/** A file gives way to a file; a directory does not. */
function removeFile(path: string): void {
  const stats = lstatSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return
  if (stats.isDirectory()) throw new Error(`${path} is there, and is a directory`)
  unlinkSync(path)
}

function statOf(path: string): Stats | undefined {
  return statSync(path, { throwIfNoEntry: false })
}

function nodeMode({ type }: TreeEntry): number {
  if (type === 'fifo') return 0o010600
  return type === 'character' ? 0o020600 : 0o060600
}
