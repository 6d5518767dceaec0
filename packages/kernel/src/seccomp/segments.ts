import { FOREIGN_ARCHITECTURE, UNKNOWN_CALL } from './actions.ts'
import { X32_BIT } from './architectures.ts'
import type { Verdict } from './verdict.ts'

/** System call numbers from one on, up to the next segment's, that share a verdict. */
export interface Segment {
  readonly from: number
  readonly verdict: Verdict
}

/** What an architecture makes of the numbers. */
export interface NumberSpace {
  readonly verdicts: ReadonlyMap<number, Verdict>
  /** For a number without a verdict. */
  readonly otherwise: number
  /** Numbers above it belong to calls that the profile's author could not know of. */
  readonly newest: number | undefined
}

/** All numbers there are, from 0 to 2^32 - 1. */
export function segmentsOf(space: NumberSpace): Segment[] {
  const segments: Segment[] = []
  fill(segments, 0, space)
  return segments
}

/** The same for x86-64, where x32's calls have the upper numbers: one search serves both. */
export function segmentsOfX64(space: NumberSpace, x32: NumberSpace | undefined): Segment[] {
  const segments: Segment[] = []
  fill(segments, 0, space)
  if (x32) {
    fill(segments, X32_BIT, x32)
  } else {
    append(segments, X32_BIT, FOREIGN_ARCHITECTURE)
    // A tracer's way to skip a call, no architecture's.
    append(segments, 0xffff_ffff, space.otherwise)
  }
  return segments
}

/**
 * Programs probe for new calls and fall back on "no such call", while "not permitted" makes them give up. So whatever
 * is newer than the newest call of the profile does not exist, as runc has it.
 */
function fill(segments: Segment[], start: number, { verdicts, otherwise, newest }: NumberSpace): void {
  let next = start
  for (const number of [...verdicts.keys()].sort((a, b) => a - b)) {
    if (number > next) append(segments, next, otherwise)
    append(segments, number, verdicts.get(number) ?? otherwise)
    next = number + 1
  }
  append(segments, next, otherwise)
  if (newest !== undefined) append(segments, newest + 1, UNKNOWN_CALL)
}

function append(segments: Segment[], from: number, verdict: Verdict): void {
  const last = segments.at(-1)
  if (last?.from === from) segments.pop()
  if (segments.at(-1)?.verdict !== verdict) segments.push({ from, verdict })
}
