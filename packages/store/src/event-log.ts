import { type FSWatcher, watch } from 'node:fs'
import { StringDecoder } from 'node:string_decoder'
import { diskFailure, unless } from './error.ts'
import type { StoreEvent } from './events.ts'
import type { StorePaths } from './paths.ts'
import { type OpenFile, open, stat } from './quick-files.ts'

export interface ReadEventsOptions {
  readonly since?: Date | undefined
  /** Following ends there, too. */
  readonly until?: Date | undefined
  /** Goes on with what happens from now on, until the signal. */
  readonly follow?: boolean
  /** Ends the following, without an error. */
  readonly signal?: AbortSignal | undefined
}

/**
 * The events of a store, oldest first.
 * @throws {StoreError} `PERMISSION`, `IO`
 */
export async function* readEvents({ paths }: { readonly paths: StorePaths }, options: ReadEventsOptions = {}): AsyncGenerator<StoreEvent> {
  const since = (options.since?.getTime() ?? 0) * 1e6
  const until = (options.until?.getTime() ?? Number.POSITIVE_INFINITY) * 1e6
  for await (const line of options.follow === true ? followedLines(paths, options) : presentLines(paths)) {
    const event = parsed(line)
    if (event !== undefined && event.timeNano >= since && event.timeNano <= until) yield event
  }
}

/** A torn line tells nothing. */
function parsed(line: string): StoreEvent | undefined {
  try {
    return JSON.parse(line) as StoreEvent
  } catch {
    return undefined
  }
}

async function* presentLines({ events }: StorePaths): AsyncGenerator<string> {
  const file = new EventFile(events)
  try {
    yield* file.newLines()
  } finally {
    await file.close()
  }
}

async function* followedLines(paths: StorePaths, { until, signal }: ReadEventsOptions): AsyncGenerator<string> {
  const file = new EventFile(paths.events)
  const changes = new Changes(paths.run, { until, signal })
  try {
    do yield* file.newLines()
    while (await changes.next())
    yield* file.newLines()
  } finally {
    changes.close()
    await file.close()
  }
}

const CHUNK = 64 * 1024

/** What is in the file of events beyond what was read before, whichever file has the name by then. */
class EventFile {
  readonly #path: string
  #handle: OpenFile | undefined
  #position = 0
  #decoder = new StringDecoder('utf8')
  #open = ''
  #last: string | undefined

  constructor(path: string) {
    this.#path = path
  }

  async *newLines(): AsyncGenerator<string> {
    this.#handle ??= await this.#opened()
    if (this.#handle === undefined) return
    yield* this.#rest()
    if (!(await this.#isReplaced())) return
    await this.close()
    yield* this.#newLinesOfSuccessor()
  }

  async close(): Promise<void> {
    await this.#handle?.close()
    this.#handle = undefined
    this.#position = 0
    this.#open = ''
    this.#decoder = new StringDecoder('utf8')
  }

  /** The new file begins with some of the lines that the old one ended with. */
  async *#newLinesOfSuccessor(): AsyncGenerator<string> {
    const last = this.#last
    this.#handle = await this.#opened()
    const lines: string[] = []
    for await (const line of this.#rest()) lines.push(line)
    yield* lines.slice(last === undefined ? 0 : lines.lastIndexOf(last) + 1)
  }

  async #opened(): Promise<OpenFile | undefined> {
    try {
      return await open(this.#path, 0).catch(unless('ENOENT'))
    } catch (cause) {
      throw diskFailure(`reading the events ${this.#path}`, cause)
    }
  }

  async #isReplaced(): Promise<boolean> {
    const [held, named] = await Promise.all([this.#handle?.stat(), stat(this.#path).catch(unless('ENOENT'))])
    return named !== undefined && held?.ino !== named.ino
  }

  async *#rest(): AsyncGenerator<string> {
    const buffer = Buffer.allocUnsafe(CHUNK)
    for (;;) {
      const count = (await this.#handle?.read(buffer, this.#position)) ?? 0
      if (count === 0) return
      this.#position += count
      const lines = (this.#open + this.#decoder.write(buffer.subarray(0, count))).split('\n')
      this.#open = lines.pop() ?? ''
      for (const line of lines) {
        this.#last = line
        yield line
      }
    }
  }
}

/** Waits for something to change in a directory. */
class Changes {
  readonly #watcher: FSWatcher
  readonly #timer: NodeJS.Timeout | undefined
  readonly #signal: AbortSignal | undefined
  readonly #end = () => this.#tell(() => (this.#isOver = true))
  #isChanged = true
  #isOver = false
  #wake = () => {}

  constructor(directory: string, { until, signal }: Pick<ReadEventsOptions, 'until' | 'signal'>) {
    this.#watcher = watch(directory, () => this.#tell(() => (this.#isChanged = true)))
    this.#watcher.on('error', this.#end)
    this.#signal = signal
    signal?.addEventListener('abort', this.#end)
    if (signal?.aborted) this.#end()
    if (until !== undefined) this.#timer = setTimeout(this.#end, Math.min(Math.max(0, until.getTime() - Date.now()), LONGEST_TIMER))
  }

  /** @returns false when the waiting is over */
  async next(): Promise<boolean> {
    if (!this.#isChanged && !this.#isOver) await new Promise<void>((resolve) => (this.#wake = resolve))
    this.#isChanged = false
    return !this.#isOver
  }

  close(): void {
    clearTimeout(this.#timer)
    this.#signal?.removeEventListener('abort', this.#end)
    this.#watcher.close()
  }

  #tell(change: () => void): void {
    change()
    this.#wake()
  }
}

/** Of setTimeout. */
const LONGEST_TIMER = 2 ** 31 - 1
