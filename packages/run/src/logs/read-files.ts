import { FileReader } from './file-reader.ts'
import type { LogFile } from './log-file.ts'
import type { Place } from './place.ts'
import type { StoredRecord } from './record.ts'

/** Some records of one file. */
export interface Batch {
  /** Which of the files, oldest first. */
  readonly file: number
  readonly records: readonly StoredRecord[]
}

/** Reads files from a place on. @param ends of each file: what has come since is left alone */
export async function* readFiles(files: readonly LogFile[], ends: readonly number[], from: Place): AsyncGenerator<Batch> {
  for (const [file, one] of files.entries()) {
    if (file < from.file) continue
    const reader = new FileReader(one, file === from.file ? from.offset : 0)
    const bound = { end: ends[file] ?? 0, isAll: true }
    for (let records = await reader.next(bound); records !== undefined; records = await reader.next(bound)) yield { file, records }
  }
}
