import { endOfRecord, HEADER_SIZE, isHeader, recordAt, type StoredRecord } from './record.ts'

export interface Decoded {
  readonly records: StoredRecord[]
  /** How many of the bytes that was: the next record begins behind them. */
  readonly size: number
}

interface Part {
  /** Where in the file the bytes begin. */
  readonly base: number
  /** Nothing will follow: of a record that is not whole, there is what there is. */
  readonly isAll: boolean
}

/**
 * Takes the records out of a part of a log file that begins with one. The records point into the bytes.
 * A monitor that is killed while it writes leaves a torn record, behind which a later one goes on: what there is of the data is given,
 * and reading goes on with the next header.
 */
export function decode(bytes: Buffer, { base, isAll }: Part): Decoded {
  const records: StoredRecord[] = []
  let at = 0
  while (at + HEADER_SIZE <= bytes.length) {
    const end = isHeader(bytes, at) ? endOfData(bytes, at, isAll) : at
    if (end > bytes.length) break
    if (end > at + HEADER_SIZE) records.push(recordAt(bytes, { at, end, base }))
    at = end > at ? end : (nextHeader(bytes, at + 1, bytes.length) ?? bytes.length - HEADER_SIZE + 1)
  }
  return { records, size: isAll ? bytes.length : at }
}

/** Where the data end: as the header says, unless no header follows or all ends before, which shows that the record is torn. */
function endOfData(bytes: Buffer, at: number, isAll: boolean): number {
  const end = endOfRecord(bytes, at)
  const isTorn = end + HEADER_SIZE <= bytes.length ? !isHeader(bytes, end) : isAll && end > bytes.length
  return isTorn ? (nextHeader(bytes, at + 1, end) ?? Math.min(end, bytes.length)) : end
}

/** The first header before `end` that is followed by another, as far as can be seen. */
function nextHeader(bytes: Buffer, begin: number, end: number): number | undefined {
  const last = Math.min(end - 1, bytes.length - HEADER_SIZE)
  for (let at = begin; at <= last; at++) {
    if (!isHeader(bytes, at)) continue
    const next = endOfRecord(bytes, at)
    if (next + HEADER_SIZE > bytes.length || isHeader(bytes, next)) return at
  }
  return undefined
}
