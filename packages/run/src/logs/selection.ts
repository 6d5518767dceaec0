import { isBefore, type Place, type Start } from './place.ts'
import type { Batch } from './read-files.ts'
import type { LogRecord, LogStream, StoredRecord } from './record.ts'

/** Which records of a log are asked for. */
export interface Wanted {
  /** Nanoseconds since 1970: what was written before is left out. */
  readonly since?: bigint
  /** Nanoseconds since 1970: what was written afterwards is left out. */
  readonly until?: bigint
  /** Both unless given. */
  readonly streams?: readonly LogStream[]
}

export function isWanted({ time, stream }: LogRecord, { since, until, streams }: Wanted): boolean {
  if (since !== undefined && time < since) return false
  return !isPast(time, until) && (streams === undefined || streams.includes(stream))
}

export function isPast(time: bigint, until: bigint | undefined): boolean {
  return until !== undefined && time > until
}

/** What of a batch is asked for, without what lies before the start. */
export function selectFrom({ file, records }: Batch, { cuts }: Start, wanted: Wanted): LogRecord[] {
  return records.flatMap((record) => {
    if (!isWanted(record, wanted)) return []
    const cut = cuts[record.stream]
    return isBefore({ file, offset: record.offset }, cut) ? afterCut(record, file, cut) : record
  })
}

function afterCut(record: StoredRecord, file: number, cut: Place): StoredRecord[] {
  const { offset, data } = record
  if (isBefore({ file, offset: offset + data.length - 1 }, cut)) return []
  return [{ ...record, data: data.subarray(cut.offset - offset), offset: cut.offset }]
}
