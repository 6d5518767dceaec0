import { segmentsFromEnd } from './boundaries.ts'
import { decode } from './decode.ts'
import type { LogFile } from './log-file.ts'
import { BEGINNING, type Place, type Start } from './place.ts'
import { HEADER_SIZE, type LogStream, type StoredRecord } from './record.ts'

const NEWLINE = 0x0a
/** Bytes before the cut in which the beginning of a line is looked for that the other stream goes on with. */
const LOOKBACK = 65_536

export interface TailOptions {
  readonly lines: number
  /** Nanoseconds since 1970: what is earlier is not looked at. */
  readonly since: bigint | undefined
  /** Whether a record's lines count. */
  readonly isWanted: (record: StoredRecord) => boolean
}

/**
 * Finds the last lines of a log, from its end. Lines count where they end, each in its stream; what has no end yet is a line, too.
 * @param ends of each file
 */
export async function lastLines(files: readonly LogFile[], ends: readonly number[], options: TailOptions): Promise<Start> {
  const { since = 0n, isWanted } = options
  const counter = new LineCounter(options.lines)
  for await (const { record, file } of recordsFromEnd(files, ends)) {
    if (record.time < since) break
    if (isWanted(record) && counter.count(record, file)) break
  }
  return counter.start()
}

async function* recordsFromEnd(files: readonly LogFile[], ends: readonly number[]) {
  for (let file = files.length - 1; file >= 0; file--) {
    for await (const { begin, bytes } of segmentsFromEnd(files[file] as LogFile, ends[file] as number)) {
      for (const record of decode(bytes, { base: begin, isAll: true }).records.reverse()) yield { record, file }
    }
  }
}

/** Is shown records from the last to the first. */
class LineCounter {
  #left: number
  #from: Place = BEGINNING
  /** Where the line ends before the first that is wanted. */
  #cut: Place | undefined
  /** Bytes that were shown since. */
  #passed = 0
  readonly #cuts = new Map<LogStream, Place>()
  /** Streams that have something behind the cut, the beginning of whose first line is not found yet. */
  readonly #open = new Set<LogStream>()

  constructor(lines: number) {
    this.#left = lines
  }

  /** @returns whether that was enough */
  count(record: StoredRecord, file: number): boolean {
    if (this.#cut === undefined) this.#countLines(record, file)
    else this.#lookForBeginning(record, file)
    return this.#cut !== undefined && (this.#open.size === 0 || this.#passed > LOOKBACK)
  }

  start(): Start {
    const { stdout = this.#cut ?? BEGINNING, stderr = this.#cut ?? BEGINNING } = Object.fromEntries(this.#cuts)
    return { from: this.#from, cuts: { stdout, stderr } }
  }

  #countLines({ data, stream, offset }: StoredRecord, file: number): void {
    const cutAt = this.#lineToCut(data, stream)
    if (cutAt === undefined) return
    this.#cut = { file, offset: offset + cutAt }
    this.#cuts.set(stream, this.#cut)
    this.#open.delete(stream)
    this.#from = { file, offset: offset - HEADER_SIZE }
  }

  /** @returns where in the data the first line begins that is wanted, or what follows the data */
  #lineToCut(data: Buffer, stream: LogStream): number | undefined {
    let end = data.length
    if (!this.#open.has(stream)) {
      if (this.#left === 0) return end
      this.#open.add(stream)
      this.#left--
      // The last byte of a stream ends its last line, or that line has no end yet.
      if (data[end - 1] === NEWLINE) end--
    }
    while (end > 0) {
      const newline = data.lastIndexOf(NEWLINE, end - 1)
      if (newline < 0) return undefined
      if (this.#left === 0) return newline + 1
      this.#left--
      end = newline
    }
    return undefined
  }

  #lookForBeginning({ data, stream, offset }: StoredRecord, file: number): void {
    this.#passed += data.length
    if (!this.#open.has(stream)) return
    const newline = data.lastIndexOf(NEWLINE)
    if (newline >= 0) this.#open.delete(stream)
    this.#cuts.set(stream, { file, offset: offset + newline + 1 })
    this.#from = { file, offset: offset - HEADER_SIZE }
  }
}
