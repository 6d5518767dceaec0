import { FOREIGN_ARCHITECTURE, UNKNOWN_CALL } from './actions.ts'
import { X32_BIT } from './architectures.ts'
import type { NumberSpace, Verdict } from './verdict.ts'

/** System call numbers from one on, up to the next segment's, that share a verdict. */
export interface Segment {
  readonly from: number
  readonly verdict: Verdict
}

/**
 * All numbers there are, from 0 to 2^32 - 1.
 *
 * Programs probe for new calls and fall back on "no such call", while "not permitted" makes them give up. So with
 * `hidesNewer`, whatever is newer than the newest call of the profile does not exist, as runc has it.
 */
export function segmentsOf(space: NumberSpace, { hidesNewer }: { hidesNewer: boolean }): Segment[] {
  const segments: Segment[] = []
  fill(segments, { start: 0, space, hidesNewer })
  return segments
}

/** The same for x86-64, where x32's calls have the upper numbers: one search serves both. */
export function segmentsOfX64(space: NumberSpace, { x32, hidesNewer }: { x32: NumberSpace | undefined; hidesNewer: boolean }): Segment[] {
  const segments = segmentsOf(space, { hidesNewer })
  if (x32) {
    fill(segments, { start: X32_BIT, space: x32, hidesNewer })
  } else {
    append(segments, X32_BIT, FOREIGN_ARCHITECTURE)
    // A tracer's way to skip a call, no architecture's.
    append(segments, 0xffff_ffff, space.otherwise)
  }
  return segments
}

function fill(segments: Segment[], { start, space, hidesNewer }: { start: number; space: NumberSpace; hidesNewer: boolean }): void {
  const { verdicts, otherwise, newest } = space
  let next = start
  for (const number of Uint32Array.from(verdicts.keys()).sort()) {
    if (number > next) append(segments, next, otherwise)
    append(segments, number, verdicts.get(number) ?? otherwise)
    next = number + 1
  }
  append(segments, next, otherwise)
  if (hidesNewer && newest !== undefined) append(segments, newest + 1, UNKNOWN_CALL)
}

function append(segments: Segment[], from: number, verdict: Verdict): void {
  const last = segments[segments.length - 1]
  if (last?.verdict === verdict) return
  if (last?.from === from) segments.pop()
  if (segments[segments.length - 1]?.verdict !== verdict) segments.push({ from, verdict })
}
