import type { Healthcheck } from '@gocker/oci'
import { RunError } from '../../error.ts'
import type { RunOptions } from '../../options/container-options.ts'
import type { HealthTimes } from '../../program/exec/health-plan.ts'

/** What is run in a container to see how it is, and when. */
export interface HealthCheck extends HealthTimes {
  readonly command: readonly string[]
}

export type HealthOptions = Pick<
  RunOptions,
  'healthCmd' | 'healthInterval' | 'healthTimeout' | 'healthRetries' | 'healthStartPeriod' | 'healthStartInterval' | 'noHealthcheck'
>

const SECOND = 1_000_000_000
const DEFAULT_SHELL = ['/bin/sh', '-c']

/** What docker takes for what nobody says. */
const DEFAULTS = { interval: 30 * SECOND, timeout: 30 * SECOND, startPeriod: 0, startInterval: 5 * SECOND, retries: 3 } as const

/**
 * The image's health check with what was asked for over it. A duration of 0 is one that is not said.
 * @returns undefined where there is none
 * @throws {RunError} `INVALID_OPTION`
 * @see https://docs.docker.com/reference/dockerfile/#healthcheck
 */
export function healthCheckOf(image: Pick<ImageFacts, 'Healthcheck' | 'Shell'>, options: HealthOptions): HealthCheck | undefined {
  refuseContradiction(options)
  const { Healthcheck: own = {} } = image
  const command = options.noHealthcheck === true ? undefined : commandOf(options.healthCmd, own.Test ?? [], image.Shell)
  if (command === undefined) return undefined
  return {
    command,
    interval: options.healthInterval || own.Interval || DEFAULTS.interval,
    timeout: options.healthTimeout || own.Timeout || DEFAULTS.timeout,
    startPeriod: options.healthStartPeriod || own.StartPeriod || DEFAULTS.startPeriod,
    startInterval: options.healthStartInterval || own.StartInterval || DEFAULTS.startInterval,
    retries: options.healthRetries || own.Retries || DEFAULTS.retries,
  }
}

interface ImageFacts {
  readonly Healthcheck?: Healthcheck
  readonly Shell?: readonly string[]
}

function commandOf(asked: string | undefined, [kind, ...words]: readonly string[], shell: readonly string[] = []): string[] | undefined {
  const shellWords = shell.length > 0 ? shell : DEFAULT_SHELL
  if (asked !== undefined && asked !== '') return [...shellWords, asked]
  if (words.length === 0) return undefined
  if (kind === 'CMD') return words
  return kind === 'CMD-SHELL' ? [...shellWords, words[0] ?? ''] : undefined
}

function refuseContradiction({ noHealthcheck, ...asked }: HealthOptions): void {
  const named = Object.entries(asked).filter(([name, value]) => name.startsWith('health') && value !== undefined)
  if (noHealthcheck === true && named.length > 0)
    throw new RunError(
      'INVALID_OPTION',
      'checking the health of the container: --no-healthcheck forbids what the other --health options ask for',
    )
}
