import type { LogFile } from './log-file.ts'
import { BEGINNING, isBefore, type Start } from './place.ts'
import { isWanted, type Wanted } from './selection.ts'
import { placeBefore } from './since.ts'
import { lastLines } from './tail.ts'

export interface Beginning extends Wanted {
  /** So many lines from the end; all of them unless given. */
  readonly tail?: number
}

/** Where reading begins, so that little is read that is not asked for. @param ends of each file */
export async function startOf(files: readonly LogFile[], ends: readonly number[], options: Beginning): Promise<Start> {
  const { tail: lines, since } = options
  const wanted = (record: Parameters<typeof isWanted>[0]) => isWanted(record, options)
  const start = lines === undefined ? EVERYTHING : await lastLines(files, ends, { lines, since, isWanted: wanted })
  if (since === undefined) return start
  const place = await placeBefore(files, ends, since)
  return isBefore(start.from, place) ? { ...start, from: place } : start
}

const EVERYTHING: Start = { from: BEGINNING, cuts: { stdout: BEGINNING, stderr: BEGINNING } }
