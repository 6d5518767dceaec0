import type { LogStream } from './record.ts'

/** A place in a container's log. */
export interface Place {
  /** Which of the files, oldest first. */
  readonly file: number
  /** Bytes from its beginning. */
  readonly offset: number
}

/** Where reading begins. */
export interface Start {
  /** A record begins here, and none that is wanted before. */
  readonly from: Place
  /** What a stream has before its place is left out. */
  readonly cuts: Readonly<Record<LogStream, Place>>
}

export const BEGINNING: Place = { file: 0, offset: 0 }

export function isBefore(a: Place, b: Place): boolean {
  return a.file < b.file || (a.file === b.file && a.offset < b.offset)
}
