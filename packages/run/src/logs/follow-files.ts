import { dirname } from 'node:path'
import { ChangeWatch } from './change-watch.ts'
import { FileReader } from './file-reader.ts'
import type { LogFile } from './log-file.ts'
import { closeAll, openLaterFiles } from './log-files.ts'
import type { Place } from './place.ts'
import type { Batch } from './read-files.ts'

export interface Following {
  /** Of the newest file. */
  readonly path: string
  /** Oldest first. They are closed as they have been read. */
  readonly files: readonly LogFile[]
  readonly from: Place
  /** Whether nothing will be written any more. */
  readonly isOver: () => boolean | Promise<boolean>
  readonly signal: AbortSignal | undefined
}

/** Reads from a place on, and goes on with what is written, until that is over. @throws the signal's reason */
export async function* followFiles(following: Following): AsyncGenerator<Batch> {
  const { path, isOver, signal } = following
  const watch = new ChangeWatch(dirname(path))
  const follower = new Follower(following)
  try {
    for (let isLast = false; !isLast; ) {
      signal?.throwIfAborted()
      // Asked before what is there is read: so nothing is written afterwards.
      isLast = await isOver()
      yield* follower.batches({ isLast })
      if (!isLast) await watch.change(signal)
    }
  } finally {
    watch.close()
    await follower.close()
  }
}

/** Goes from file to file. */
class Follower {
  readonly #path: string
  /** Of the file that is being read. */
  #number: number
  #reader: FileReader | undefined
  /** Those that follow it. */
  #later: LogFile[]
  /** Those that are not needed any more. */
  #read: LogFile[]

  constructor({ path, files, from }: Following) {
    const [file, ...later] = files.slice(from.file)
    this.#path = path
    this.#number = from.file
    this.#reader = file === undefined ? undefined : new FileReader(file, from.offset)
    this.#later = later
    this.#read = files.slice(0, from.file)
  }

  /** What there is now. */
  async *batches({ isLast }: { isLast: boolean }): AsyncGenerator<Batch> {
    for (let isNewest = false; !isNewest; ) {
      isNewest = !(await this.#findLater())
      yield* this.#ofFile({ isAll: isLast || !isNewest })
      if (!isNewest) this.#goOn()
    }
  }

  async close(): Promise<void> {
    const current = this.#reader === undefined ? [] : [this.#reader.file]
    await closeAll([...this.#read, ...current, ...this.#later])
  }

  /** @returns whether another file is to be read after this one, which is finished then */
  async #findLater(): Promise<boolean> {
    await closeAll(this.#read.splice(0))
    if (this.#later.length === 0) this.#later = await openLaterFiles(this.#path, this.#reader?.file)
    return this.#later.length > 0
  }

  async *#ofFile(bound: { isAll: boolean }): AsyncGenerator<Batch> {
    const reader = this.#reader
    if (reader === undefined) return
    if (await reader.isEmptied()) this.#goTo(reader.file)
    while (true) {
      const records = await this.#reader?.next(bound)
      if (records === undefined) return
      yield { file: this.#number, records }
    }
  }

  #goOn(): void {
    if (this.#reader !== undefined) this.#read.push(this.#reader.file)
    const next = this.#later.shift()
    if (next !== undefined) this.#goTo(next)
  }

  /** Even to the beginning of the same file: what was there before is another one to whoever counts. */
  #goTo(file: LogFile): void {
    this.#number++
    this.#reader = new FileReader(file, 0)
  }
}
