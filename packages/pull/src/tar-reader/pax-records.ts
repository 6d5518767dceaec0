import type { FileTime } from '@gocker/kernel'
import { badArchive } from './bad-archive.ts'
import { readDecimal } from './tar-numbers.ts'

const WHAT = 'a PAX header'
const [SPACE, EQUALS, NEWLINE] = [0x20, 0x3d, 0x0a]

/** Records `<length> <key>=<value>\n` that stand before an entry, or before all the entries that follow. */
export interface PaxRecords {
  readonly values: ReadonlyMap<string, Buffer>
  /** GNU.sparse 0.0 repeats `GNU.sparse.offset` and `GNU.sparse.numbytes`: the numbers as they come, the key before each. */
  readonly sparseNumbers: readonly (readonly [key: string, value: number])[]
}

export const NO_RECORDS: PaxRecords = { values: new Map(), sparseNumbers: [] }

/**
 * Records of one header or several behind each other, of which the later win. However many headers there are, they take no more memory and
 * time than one may.
 */
export class GatheredPax implements PaxRecords {
  readonly values = new Map<string, Buffer>()
  readonly sparseNumbers: [string, number][] = []
  readonly #most: { readonly bytes: number; readonly records: number }
  #bytes = 0

  constructor(most: { readonly bytes: number; readonly records: number }) {
    this.#most = most
  }

  /**
   * @throws {PullError} `BAD_ARCHIVE`
   * @see https://pubs.opengroup.org/onlinepubs/9799919799/utilities/pax.html#tag_20_94_13_03
   */
  add(bytes: Buffer): void {
    this.#bytes += bytes.length
    if (this.#bytes > this.#most.bytes) throw badArchive(WHAT, `${this.#bytes} bytes of records, at most ${this.#most.bytes} are taken`)
    for (let at = 0; at < bytes.length; ) {
      const { key, value, end } = parseRecord(bytes, at)
      this.#set(key, value)
      at = end
    }
    if (this.#count > this.#most.records) throw badArchive(WHAT, `${this.#count} records, at most ${this.#most.records} are taken`)
  }

  get #count(): number {
    return this.values.size + this.sparseNumbers.length
  }

  #set(key: string, value: Buffer): void {
    const isSparse = key === 'GNU.sparse.offset' || key === 'GNU.sparse.numbytes'
    if (isSparse) this.sparseNumbers.push([key, readDecimal(value.toString('latin1'), WHAT)])
    else this.values.set(key, value)
  }
}

/** `over` wins; its empty values stand for no value at all, but for extended attributes, which may be empty. */
export function mergePax(under: PaxRecords, over: PaxRecords): PaxRecords {
  return { values: new Map([...under.values, ...over.values]), sparseNumbers: [...under.sparseNumbers, ...over.sparseNumbers] }
}

function parseRecord(bytes: Buffer, at: number): { key: string; value: Buffer; end: number } {
  const space = bytes.indexOf(SPACE, at)
  if (space < 0 || space - at > 10) throw badArchive(WHAT, 'a record has no length')
  const end = at + readDecimal(bytes.toString('latin1', at, space), WHAT)
  const equals = bytes.indexOf(EQUALS, space)
  if (end > bytes.length || equals < 0 || equals >= end || bytes[end - 1] !== NEWLINE)
    throw badArchive(WHAT, 'a record is not as long as it says')
  return { key: bytes.toString('utf8', space + 1, equals), value: bytes.subarray(equals + 1, end - 1), end }
}

/**
 * Seconds with a fraction, before 1970 with a minus.
 * @throws {PullError} `BAD_ARCHIVE`
 */
export function parsePaxTime(text: string): FileTime {
  const [, sign, whole = '', fraction = ''] = /^(-?)(\d{1,15})(?:\.(\d*))?$/.exec(text) ?? []
  if (sign === undefined) throw badArchive(WHAT, `${JSON.stringify(text)} is not a time`)
  const seconds = Number(whole)
  const nanoseconds = Number(fraction.slice(0, 9).padEnd(9, '0'))
  if (sign === '') return { seconds, nanoseconds }
  return nanoseconds === 0 ? { seconds: 0 - seconds, nanoseconds } : { seconds: -seconds - 1, nanoseconds: 1e9 - nanoseconds }
}
