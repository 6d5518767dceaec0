import type { ContainerExit } from '@gocker/store'
import { invalidOption } from '../error.ts'
import type { RestartPolicy } from '../options/container-options.ts'

/** Milliseconds. */
const SHORTEST_DELAY = 100
const LONGEST_DELAY = 60_000
/** Milliseconds after which a container is taken to be well. */
const WELL = 10_000

/** What a run came to. */
export interface Run {
  readonly exit: ContainerExit
  readonly startedAt?: Date
  readonly finishedAt?: Date
  /** How often it was started again since somebody started it. */
  readonly restartCount: number
  /** The wait before it, in milliseconds. */
  readonly delay?: number
  /** Somebody has asked it to end. */
  readonly wasStopped: boolean
}

/**
 * How many milliseconds to wait until a container is started again: 100 at first, and twice as many each time until it has run for ten
 * seconds, a minute at most.
 * @returns undefined where it is not
 */
export function restartDelay(policy: RestartPolicy | undefined, run: Run): number | undefined {
  if (policy === undefined || policy.name === 'no' || run.wasStopped) return undefined
  if (policy.name === 'on-failure') {
    if (run.exit.code === 0 || (policy.limit !== undefined && policy.limit > 0 && run.restartCount >= policy.limit)) return undefined
  }
  const ran = (run.finishedAt?.getTime() ?? 0) - (run.startedAt?.getTime() ?? 0)
  if (run.delay === undefined || ran >= WELL) return SHORTEST_DELAY
  return Math.min(run.delay * 2, LONGEST_DELAY)
}

/**
 * Reads `no`, `always`, `unless-stopped`, `on-failure`, `on-failure:3`.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseRestartPolicy(text: string): RestartPolicy {
  const [name, limit, ...more] = text.split(':')
  const refuse = (why: string) =>
    invalidOption('restart policy', text, why, 'it is no, always, unless-stopped, on-failure, or on-failure:3')
  if (more.length > 0) throw refuse('too many colons')
  if (name === 'on-failure') {
    if (limit === undefined) return { name }
    if (!/^\d{1,9}$/.test(limit)) throw refuse('the number of starts is not a whole number')
    return { name, limit: Number(limit) }
  }
  if (name !== 'no' && name !== 'always' && name !== 'unless-stopped') throw refuse('no such policy')
  if (limit !== undefined) throw refuse('only on-failure can be counted')
  return { name }
}
