import { decode } from './decode.ts'
import type { LogFile } from './log-file.ts'
import type { StoredRecord } from './record.ts'

/** Bytes: so much of a log is in memory at once. */
const CHUNK = 262_144

interface Bound {
  /** What is behind this place is left alone. */
  readonly end?: number
  /** Nothing will be added: of a torn record at the end there is what there is. */
  readonly isAll: boolean
}

/** Reads a file record by record; what is not whole is read again when there is more. */
export class FileReader {
  readonly file: LogFile
  #position: number

  /** @param position where a record begins */
  constructor(file: LogFile, position: number) {
    this.file = file
    this.#position = position
  }

  /** @returns undefined when there is no more for now */
  async next({ end = Infinity, isAll }: Bound): Promise<StoredRecord[] | undefined> {
    const size = Math.min(end, await this.file.size())
    if (size <= this.#position) return undefined
    const bytes = await this.file.read(this.#position, Math.min(CHUNK, size - this.#position))
    const reachesEnd = this.#position + bytes.length >= size
    const decoded = decode(bytes, { base: this.#position, isAll: isAll && reachesEnd })
    this.#position += decoded.size
    return decoded.size === 0 ? undefined : decoded.records
  }

  /** Whether the file has been emptied, as a rotation does that keeps one file only. */
  async isEmptied(): Promise<boolean> {
    return (await this.file.size()) < this.#position
  }
}
