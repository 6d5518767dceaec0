import { firstBoundary, WINDOW } from './boundaries.ts'
import type { LogFile } from './log-file.ts'
import type { Place } from './place.ts'
import { HEADER_SIZE, isHeader, timeAt } from './record.ts'

/** Bytes that are read quicker than they are searched. */
const FEW = 4 * WINDOW

/**
 * Finds where a record begins behind which all are that were written at a time or later, without reading much.
 * @param ends of each file
 * @param since nanoseconds since 1970
 */
export async function placeBefore(files: readonly LogFile[], ends: readonly number[], since: bigint): Promise<Place> {
  const firstTimes = await Promise.all(files.map(firstTime))
  const file = firstTimes.findLastIndex((time) => time !== undefined && time < since)
  const searched = files[file]
  if (searched === undefined) return { file: 0, offset: 0 }
  return { file, offset: await offsetBefore(searched, ends[file] ?? 0, since) }
}

async function firstTime(file: LogFile): Promise<bigint | undefined> {
  const header = await file.read(0, HEADER_SIZE)
  return header.length === HEADER_SIZE && isHeader(header, 0) ? timeAt(header, 0) : undefined
}

async function offsetBefore(file: LogFile, end: number, since: bigint): Promise<number> {
  let [low, high] = [0, end]
  while (high - low > FEW) {
    const middle = Math.floor((low + high) / 2)
    const bytes = await file.read(middle, WINDOW)
    const boundary = firstBoundary(bytes)
    if (boundary === undefined) break
    if (timeAt(bytes, boundary) < since) low = middle + boundary
    else high = middle
  }
  return low
}
