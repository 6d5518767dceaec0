import { spawnSync } from 'node:child_process'

/** One way of doing the work that is measured. */
export interface Contestant {
  readonly name: string
  readonly command: readonly string[]
  readonly environment?: Readonly<Record<string, string>>
  /** Before each run, not timed. */
  readonly before?: () => void
  /** After each run, not timed: throws when the work was not done. */
  readonly check?: (stdout: string) => void
}

export interface Measured {
  readonly name: string
  /** Milliseconds of wall time, sorted. */
  readonly times: readonly number[]
  readonly median: number
}

/**
 * Times whole processes, the contestants in turn (A B A B ...), so that a machine that slows down slows all of them.
 * @throws {Error} when a run fails or its check does: a wrong result has no time
 */
export function measure(contestants: readonly Contestant[], { runs, warmups = 2 }: { runs: number; warmups?: number }): Measured[] {
  const times = new Map(contestants.map(({ name }) => [name, [] as number[]]))
  for (let run = -warmups; run < runs; run++)
    for (const contestant of contestants) {
      const time = timeOnce(contestant)
      if (run >= 0) times.get(contestant.name)?.push(time)
    }
  return Array.from(times, measuredOf)
}

/** @param unsorted milliseconds */
export function measuredOf([name, unsorted]: readonly [name: string, unsorted: readonly number[]]): Measured {
  const times = unsorted.toSorted((a, b) => a - b)
  return { name, times, median: times[Math.floor(times.length / 2)] ?? Number.NaN }
}

/** Milliseconds. @throws {Error} when it fails, or its check does */
export function timeOnce({ name, command: [program = '', ...words], environment, before, check }: Contestant): number {
  before?.()
  const started = performance.now()
  const { status, stdout, stderr, error } = spawnSync(program, words, { encoding: 'utf8', env: { ...process.env, ...environment } })
  const time = performance.now() - started
  if (error !== undefined) throw error
  if (status !== 0) throw new Error(`${name}: ended with ${status}: ${stderr}`)
  check?.(stdout)
  return time
}
