import { setTimeout as sleep } from 'node:timers/promises'
import type { Digest } from '@gocker/oci'
import { PullError } from '../error.ts'
import type { PullListener } from '../events.ts'

/** Times in milliseconds. */
export interface RetryPolicy {
  /** Tries without progress before giving up. */
  readonly attempts: number
  /** The first wait, doubled from try to try. */
  readonly firstDelay: number
  readonly longestDelay: number
  /** A server that asks for a longer wait is not waited for. */
  readonly longestRetryAfter: number
  /** A connection on which nothing comes for so long, while somebody reads, is given up for another. */
  readonly longestStall: number
}

export const PATIENT: RetryPolicy = { attempts: 5, firstDelay: 500, longestDelay: 15_000, longestRetryAfter: 120_000, longestStall: 45_000 }

export interface RetryOptions {
  readonly policy?: RetryPolicy | undefined
  readonly digest?: Digest
  readonly signal?: AbortSignal | undefined
  readonly onEvent?: PullListener | undefined
}

/** Runs `attempt` until it succeeds, fails for good, or has failed too often. */
export async function retrying<T>(attempt: () => Promise<T>, options: RetryOptions): Promise<T> {
  const retries = new Retries(options)
  for (;;) {
    try {
      return await attempt()
    } catch (error) {
      await retries.pauseAfter(error)
    }
  }
}

/** Counts the failures since something was last gained, and waits longer after each. */
export class Retries {
  readonly #options: RetryOptions
  #failures = 0

  constructor(options: RetryOptions) {
    this.#options = options
  }

  get failures(): number {
    return this.#failures
  }

  progressed(): void {
    this.#failures = 0
  }

  /**
   * Waits before the next try.
   * @throws `error` itself when there is to be none; the signal's reason
   */
  async pauseAfter(error: unknown): Promise<void> {
    const { policy = PATIENT, digest, signal, onEvent } = this.#options
    signal?.throwIfAborted()
    this.#failures += 1
    if (!(error instanceof PullError) || !error.transient || this.#failures >= policy.attempts) throw error
    if ((error.retryAfter ?? 0) > policy.longestRetryAfter) throw error
    const delay = Math.round(error.retryAfter ?? backOff(this.#failures, policy))
    onEvent?.({ type: 'retry', why: error.message, delay, attempt: this.#failures, ...(digest !== undefined && { digest }) })
    await sleep(delay, undefined, { ...(signal !== undefined && { signal }) }).catch((aborted: unknown) => {
      throw signal?.reason ?? aborted
    })
  }
}

/** Half of it is chance, so that clients that failed together do not come back together. */
function backOff(failures: number, { firstDelay, longestDelay }: RetryPolicy): number {
  return Math.min(longestDelay, firstDelay * 2 ** (failures - 1)) * (0.5 + Math.random() / 2)
}
