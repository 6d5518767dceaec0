import { posix } from 'node:path'
import { ContentCopier } from './copy-content.ts'
import type { CopyItem, CopyJob, CopySource } from './copy-job.ts'
import { FilePlacer } from './file-placer.ts'
import { octalMode, parseMode } from './mode.ts'
import type { Owner } from './owner.ts'
import { followed, makeDirectories, statOf } from './stage-paths.ts'

const ROOT: Owner = { uid: 0, gid: 0 }

/** Puts the files of one COPY in place, in a thread whose root is the stage. */
export class Placer {
  readonly #job: CopyJob
  readonly #roots: readonly number[]
  readonly #copier = new ContentCopier()
  /** Asked before each file. */
  readonly #isStopped: () => boolean
  /** Of the directories that have to be made. */
  readonly #made: Owner & { readonly mode: number }
  /** Where a file has become the destination itself. */
  #file: string | undefined

  constructor(job: CopyJob, roots: readonly number[], isStopped: () => boolean) {
    this.#job = job
    this.#roots = roots
    this.#isStopped = isStopped
    this.#made = { ...(job.owner ?? ROOT), mode: octalMode(job.mode ?? '') ?? 0o755 }
  }

  /** @throws {Error} naming the path */
  placeAll(): void {
    const { destination, workdir, sources, inline } = this.#job
    const written = posix.resolve('/', workdir, destination)
    if (isWrittenAsDirectory(destination)) makeDirectories(written, this.#made)
    const target = followed(written)
    for (const source of sources) this.#placeSource(source, target)
    for (const { name, content } of inline) this.#filePlacer('root').placeInline(content, this.#fileTarget(target, name))
  }

  #placeSource(source: CopySource, target: string): void {
    const [first, ...rest] = source.items
    if (first === undefined) return
    if (first.entry.type === 'directory') this.#placeContents(source, first, rest, target)
    else {
      const path = this.#fileTarget(target, source.name)
      this.#placing(first, path, () => this.#filePlacer(source.owners).placeFile(first, path))
    }
  }

  /** A directory takes a file under its name; else the file becomes the destination, and only one can. */
  #fileTarget(target: string, name: string): string {
    if (statOf(target)?.isDirectory() === true) return posix.join(target, name)
    if (this.#file === target) throw new Error(`several files cannot all become ${target}: write ${this.#job.destination}/`)
    this.#file = target
    makeDirectories(posix.dirname(target), this.#made)
    return target
  }

  /** Of a directory its content is copied, not itself; but its time is. */
  #placeContents(source: CopySource, directory: CopyItem, items: readonly CopyItem[], target: string): void {
    makeDirectories(target, source.isArchive === true ? { ...this.#made, mode: 0o755 } : this.#made)
    const placer = this.#filePlacer(source.owners, source.isArchive)
    const finished: (() => void)[] = source.isArchive === true ? [] : [() => placer.setTime(target, directory)]
    for (const item of items) {
      const path = posix.join(target, item.below)
      this.#placing(item, path, () => {
        if (item.entry.type === 'directory') finished.push(placer.placeDirectory(item, path))
        else placer.placeFile(item, path)
      })
    }
    // Last and from within: putting a file into a directory changes the directory's time.
    for (const finish of finished.reverse()) finish()
  }

  #placing({ entry }: CopyItem, path: string, place: () => void): void {
    if (this.#isStopped()) throw new Error('it is stopped')
    try {
      place()
    } catch (cause) {
      const { message, hint } = cause as Error & { hint?: string }
      throw Object.assign(new Error(`copying ${entry.path} to ${path}: ${message}`, { cause }), { hint })
    }
  }

  #filePlacer(owners: CopySource['owners'], isArchive = false): FilePlacer {
    const { owner, mode } = this.#job
    return new FilePlacer({
      roots: this.#roots,
      copier: this.#copier,
      ownerOf: (entry) => owner ?? (owners === 'source' ? entry : ROOT),
      modeOf: (isArchive || mode === undefined ? undefined : parseMode(mode)) ?? ((mode) => mode),
    })
  }
}

function isWrittenAsDirectory(destination: string): boolean {
  return /(?:^|\/)\.?$/.test(destination)
}
