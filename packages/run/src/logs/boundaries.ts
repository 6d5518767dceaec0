import { decode } from './decode.ts'
import type { LogFile } from './log-file.ts'
import { endOfRecord, HEADER_SIZE, isHeader, LONGEST_RECORD } from './record.ts'

/** A part of a log file that begins with a record. */
export interface Segment {
  readonly begin: number
  readonly bytes: Buffer
}

/** Bytes: many times as long as a record. */
export const WINDOW = 262_144

/** Cuts a log file into parts that begin between two records, from its end (or a place between two records) to its beginning. */
export async function* segmentsFromEnd(file: LogFile, end: number): AsyncGenerator<Segment> {
  let rest = end
  while (rest > 0) {
    const begin = Math.max(0, rest - WINDOW)
    const bytes = await file.read(begin, rest - begin)
    const boundary = begin === 0 ? 0 : firstBoundary(bytes)
    if (boundary === undefined) return yield* segmentsByWalking(file, rest)
    yield { begin: begin + boundary, bytes: bytes.subarray(boundary) }
    rest = begin + boundary
  }
}

/**
 * Where in the middle of a log a record certainly begins. A record does not say where it began, and a container may write what looks like
 * headers: so each chain of headers that leads from the beginning to the end is followed, the true one among them, and where all of them have
 * met the truth is.
 * @param bytes longer than a few records
 * @returns undefined where they do not meet
 */
export function firstBoundary(bytes: Buffer): number | undefined {
  for (let begin = 0; begin < bytes.length; begin += LONGEST_RECORD) {
    const [first, ...others] = chainsFrom(bytes, begin, Math.min(begin + LONGEST_RECORD, bytes.length))
    // None: a torn record is on the way, and the truth begins behind it.
    if (first === undefined) continue
    const places = new Set(first)
    const meetings = others.map((chain) => chain.find((place) => places.has(place)))
    return meetings.reduce((latest, place) => (latest === undefined || place === undefined ? undefined : Math.max(latest, place)), first[0])
  }
  return undefined
}

/** Chains of headers that begin in a part and lead to the end; those that begin in a chain already found are left out. */
function chainsFrom(bytes: Buffer, begin: number, end: number): number[][] {
  const chains: number[][] = []
  const known = new Set<number>()
  for (let at = begin; at < end && at + HEADER_SIZE <= bytes.length; at++) {
    if (known.has(at) || !isHeader(bytes, at)) continue
    const chain = chainFrom(bytes, at)
    if (chain === undefined) continue
    chains.push(chain)
    for (const place of chain) known.add(place)
  }
  return chains
}

/** The headers that one leads to; undefined where it leads to none before the end. */
function chainFrom(bytes: Buffer, begin: number): number[] | undefined {
  const chain: number[] = []
  for (let at = begin; at + HEADER_SIZE <= bytes.length; at = endOfRecord(bytes, at)) {
    if (!isHeader(bytes, at)) return undefined
    chain.push(at)
  }
  return chain
}

/** For a log that is made to look as if it could be cut anywhere: from its beginning, keeping in mind where parts begin. */
async function* segmentsByWalking(file: LogFile, end: number): AsyncGenerator<Segment> {
  const begins = [0]
  for (let at = 0; at < end; ) {
    const { records, size } = decode(await file.read(at, Math.min(WINDOW, end - at)), { base: at, isAll: at + WINDOW >= end })
    const last = records.at(-1)
    if (last !== undefined) begins.push(last.offset - HEADER_SIZE)
    at += size
  }
  let rest = end
  for (const begin of begins.reverse()) {
    yield { begin, bytes: await file.read(begin, rest - begin) }
    rest = begin
  }
}
