import { readFileSync, statSync } from 'node:fs'
import { decodeFailure, errnoNumber, errnoText } from '@gocker/kernel'
import { type ContainerRecord, isAlive, type Store } from '@gocker/store'
import { NO_STATUS } from '../../program/exec/health-layout.ts'
import { execError } from '../exec/exec-error.ts'
import { decodeWaitStatus } from '../exit-status.ts'
import type { HealthChecker } from './checker.ts'
import { type CheckResult, readResults } from './results.ts'

/** How a container is by its own health checks. */
export interface Health {
  readonly status: 'starting' | 'healthy' | 'unhealthy'
  /** How many checks have failed in a row. */
  readonly failingStreak: number
  /** The last checks, five at most, the oldest first. */
  readonly log: readonly HealthLogEntry[]
}

export interface HealthLogEntry {
  readonly start: Date
  readonly end: Date
  /** -1 where the check did not end by itself, or could not be started. */
  readonly exitCode: number
  readonly output: string
}

/**
 * What is known of a container's health; while it does not run, what was known last.
 * @returns undefined where it has no checks, or was not started since the machine was
 */
export async function healthOf(store: Store, { id, name }: Pick<ContainerRecord, 'id' | 'name'>): Promise<Health | undefined> {
  const checker = readChecker(store, id)
  if (checker === undefined) return undefined
  const results = readResults(readFileSync(store.paths.healthFile(id)))
  const last = results.at(-1)
  const log = results.map((result) => logEntry(result, name, checker))
  const health = { status: last?.state ?? 'starting', failingStreak: last?.streak ?? 0, log } as const
  const container = await store.containers.readState(id)
  if (isAlive(checker) || container === undefined || !isAlive(container)) return health
  return unwatched(health, statSync(store.paths.healthFile(id)).mtime)
}

/** @returns undefined also while it is being written */
function readChecker({ paths }: Store, id: string): HealthChecker | undefined {
  try {
    return JSON.parse(readFileSync(paths.healthChecker(id), 'utf8')) as HealthChecker
  } catch {
    return undefined
  }
}

function logEntry(result: CheckResult, name: string, checker: HealthChecker): HealthLogEntry {
  const { begin: start, end, status, output } = result
  if (status === NO_STATUS.late) return { start, end, exitCode: -1, output: lateText(checker, `${output}`) }
  const failure = decodeFailure(output)
  if (failure !== undefined) return { start, end, exitCode: -1, output: failureText(failure, name, checker) }
  if (status === NO_STATUS.notStarted) return { start, end, exitCode: -1, output: 'the check was killed before it began' }
  return { start, end, exitCode: decodeWaitStatus(status).code, output: output.toString() }
}

function failureText({ row, errno }: { row: number; errno: string }, name: string, { rows, command }: HealthChecker): string {
  const rowName = rows[row] ?? 'running the check'
  const text = `${rowName}: ${errno} (${errnoText(errnoNumber(errno) ?? 0)})`
  return execError({ row, name: rowName, call: 'execve', errno, text }, { name, args: command, cwd: '' }).message
}

/** Docker has no word for it: nobody knows how the container is, so nobody should count on it. */
function unwatched({ failingStreak, log }: Health, since: Date): Health {
  const output = 'the process that ran the checks was killed: a restart of the container brings a new one'
  return { status: 'unhealthy', failingStreak, log: [...log.slice(-4), { start: since, end: since, exitCode: -1, output }] }
}

/** In docker's words. */
function lateText({ timeout }: HealthChecker, output: string): string {
  const duration = timeout < 1e9 ? `${timeout / 1e6}ms` : `${timeout / 1e9}s`
  return `Health check exceeded timeout (${duration})${output === '' ? '' : `: ${output}`}`
}
