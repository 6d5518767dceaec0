import { Random } from './random.ts'
import { type FuzzTarget, mutated } from './target.ts'

export interface LoopOptions {
  readonly seed: number
  /** Read first, as they are. */
  readonly corpus: readonly Buffer[]
  readonly isOver: (runs: number) => boolean
  /** Told of each input before it is read. */
  readonly onInput: (bytes: Buffer) => void
}

export interface LoopResult {
  readonly runs: number
  /** Ways in which inputs ended: read, or refused with a text. */
  readonly outcomes: number
  readonly finding?: Finding
}

/** An input and what it brought about. */
export interface Finding {
  readonly bytes: Buffer
  readonly error: string
}

const LARGEST = 64 * 1024
const MOST_KEPT = 2000
const MOST_OUTCOMES = 20_000

/**
 * Reads the corpus, and then changed versions of what was of interest so far: an input is when it ends in a way that none before it ended in.
 * Ends at the first finding.
 */
export function fuzzLoop(target: FuzzTarget, { seed, corpus, isOver, onInput }: LoopOptions): LoopResult {
  const random = new Random(seed)
  const words = (target.words ?? []).map((word) => Buffer.from(word))
  const pool = [...corpus]
  const outcomes = new Set<string>()
  let runs = 0
  for (; runs < corpus.length || !isOver(runs); runs++) {
    const bytes = runs < corpus.length ? (corpus[runs] as Buffer) : next(target, pool, { random, words })
    onInput(bytes)
    const outcome = outcomeOf(target, bytes)
    if (outcome instanceof Failure) return { runs: runs + 1, outcomes: outcomes.size, finding: { bytes, error: outcome.text } }
    if (outcomes.has(outcome) || outcomes.size === MOST_OUTCOMES) continue
    outcomes.add(outcome)
    if (pool.length < MOST_KEPT) pool.push(bytes)
  }
  return { runs, outcomes: outcomes.size }
}

function next(target: FuzzTarget, pool: readonly Buffer[], { random, words }: { random: Random; words: readonly Buffer[] }): Buffer {
  const bytes = mutated(target, random.pick(pool), { random, words, other: random.pick(pool) })
  return bytes.length > LARGEST ? bytes.subarray(0, LARGEST) : bytes
}

class Failure {
  readonly text: string

  constructor(error: unknown) {
    this.text = error instanceof Error ? `${error.stack ?? error}` : `${error}`
  }
}

function outcomeOf(target: FuzzTarget, bytes: Buffer): string | Failure {
  // To write down where an error was made takes longer than to read most inputs.
  const { stackTraceLimit } = Error
  Error.stackTraceLimit = 0
  try {
    target.read(bytes)
    return 'read'
  } catch (error) {
    return target.isRefusal(error) ? kindOf((error as Error).message) : failureOf(target, bytes)
  } finally {
    Error.stackTraceLimit = stackTraceLimit
  }
}

/** Once more, to see where. */
function failureOf(target: FuzzTarget, bytes: Buffer): Failure {
  Error.stackTraceLimit = 20
  try {
    target.read(bytes)
    return new Failure('it failed, and did not when it was tried again')
  } catch (error) {
    return new Failure(error)
  }
}

/** The beginning of the text, without what it quotes of the input. */
function kindOf(message: string): string {
  return message
    .slice(0, 300)
    .replaceAll(/"(?:[^"\\]|\\.)*"?/g, '"')
    .replaceAll(/\d+/g, '0')
    .slice(0, 80)
}
