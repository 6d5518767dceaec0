import type { StopOptions } from '@gocker/run'
import type { Command } from 'commander'
import { wholeNumber } from './option-values.ts'

export interface StopFlags {
  readonly timeout?: string
  readonly time?: string
  readonly signal?: string
}

/** What `stop` and `restart` take. */
export function addStopFlags(command: Command): void {
  command
    .option('-t, --timeout <seconds>', "until it is killed; -1: never (default: the container's own, else 10)")
    .option('--time <seconds>', 'the same')
    .option('-s, --signal <signal>', "the signal that asks it to end (default: the container's own, else SIGTERM)")
}

/** @throws {RunError} `INVALID_OPTION` */
export function stopOptions({ timeout, time, signal }: StopFlags): StopOptions {
  const seconds = timeout ?? time
  return { ...(seconds !== undefined && { timeout: wholeNumber(seconds, 'timeout') }), ...(signal !== undefined && { signal }) }
}
