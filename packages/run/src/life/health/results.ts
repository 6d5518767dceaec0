import { HEALTH_STATES, OUTPUT_BASE, OUTPUT_SPACE, PLACES, RECORD_SPACE, RECORD_WORDS } from '../../program/exec/health-layout.ts'
import { dateOf } from '../exit-status.ts'

/** One check, as the checking process wrote it down. */
export interface CheckResult {
  /** From 1. */
  readonly number: number
  readonly begin: Date
  readonly end: Date
  /** A raw wait status, or one of `NO_STATUS`. */
  readonly status: bigint
  /** How many have failed in a row, this one included. */
  readonly streak: number
  readonly state: (typeof HEALTH_STATES)[number]
  readonly output: Buffer
}

/**
 * The last checks of a container, the oldest first.
 * @param content of the file whose layout `health-layout.ts` describes
 */
export function readResults(content: Buffer): CheckResult[] {
  const results = Array.from({ length: PLACES }, (_, place) => readResult(content, place)).filter((result) => result !== undefined)
  // The place after the last one is being written to when a check runs.
  return results.sort((a, b) => a.number - b.number).slice(1 - PLACES)
}

type Words = Readonly<Record<(typeof RECORD_WORDS)[number], bigint>>

function readResult(content: Buffer, place: number): CheckResult | undefined {
  const words = wordsAt(content, place * RECORD_SPACE)
  const state = HEALTH_STATES[Number(words?.state)]
  if (words === undefined || state === undefined || words.number === 0n || words.number !== words.again) return undefined
  const output = OUTPUT_BASE + place * OUTPUT_SPACE
  return {
    number: Number(words.number),
    begin: dateOf(words.beginSeconds, words.beginNanoseconds),
    end: dateOf(words.endSeconds, words.endNanoseconds),
    status: words.status,
    streak: Number(words.streak),
    state,
    output: content.subarray(output, output + Math.min(Number(words.length), OUTPUT_SPACE)),
  }
}

function wordsAt(content: Buffer, offset: number): Words | undefined {
  if (content.length < offset + 8 * RECORD_WORDS.length) return undefined
  return Object.fromEntries(RECORD_WORDS.map((name, index) => [name, content.readBigUInt64LE(offset + 8 * index)])) as Words
}
