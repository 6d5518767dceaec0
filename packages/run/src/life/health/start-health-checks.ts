import { closeSync, constants, mkdirSync, openSync, rmSync, writeFileSync } from 'node:fs'
import { type Launched, lastCapability, launch, openCgroup, pidfdOpen, processStartTime } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { type ContainerRecord, cgroupPath, type ProcessIdentity, type Store } from '@gocker/store'
import { seccompFilter } from '../../host/seccomp-filter.ts'
import { RESULTS_DESCRIPTOR } from '../../program/exec/health-plan.ts'
import { toHealthProgram } from '../../program/exec/health-program.ts'
import { CONTAINER_DESCRIPTOR } from '../../program/exec/join.ts'
import { REPORTS } from '../../program/monitor.ts'
import type { Stack } from '../../rootfs/layers.ts'
import { execSpec } from '../exec/exec-spec.ts'
import { type HealthCheck, type HealthOptions, healthCheckOf } from './health-check.ts'

export interface HealthChecksOptions {
  readonly store: Store
  readonly record: ContainerRecord
  /** The container's own. */
  readonly spec: RuntimeSpec
  /** The container's first process; its start time tells it from a later one. */
  readonly container: ProcessIdentity
  /** With the image's config. */
  readonly stack: Pick<Stack, 'config'>
  readonly options: HealthOptions
}

/** What is written down of the checking process, beside its results: JSON. */
export interface HealthChecker extends ProcessIdentity {
  /** Nanoseconds. */
  readonly timeout: number
  readonly command: readonly string[]
  /** What the program's rows are called, for those that fail. */
  readonly rows: readonly string[]
}

/**
 * Starts the process that checks a running container's health, where the image or the options ask for it. It outlives this process, and
 * ends with the container. What is known of checks before is forgotten.
 * @throws {RunError}, {KernelError} where it cannot be started
 */
export async function startHealthChecks(options: HealthChecksOptions): Promise<void> {
  const { store, record, stack, container } = options
  const check = healthCheckOf(stack.config, options.options)
  forgetResults(store, record.id)
  if (check === undefined) return
  const pidfd = openIfAlive(container)
  // It has ended already: there is nothing to check.
  if (pidfd === undefined) return
  try {
    await start(options, check, pidfd)
  } finally {
    closeSync(pidfd)
  }
}

function forgetResults({ paths }: Store, id: string): void {
  for (const file of [paths.healthChecker(id), paths.healthFile(id)]) rmSync(file, { force: true })
}

function openIfAlive({ pid, startTime }: ProcessIdentity): number | undefined {
  if (processStartTime(pid) !== startTime) return undefined
  const pidfd = pidfdOpen(pid)
  if (processStartTime(pid) === startTime) return pidfd
  closeSync(pidfd)
  return undefined
}

async function start({ store, record, spec, ...options }: HealthChecksOptions, check: HealthCheck, pidfd: number): Promise<void> {
  const { paths } = store
  const program = programOf({ store, record, spec, ...options }, check)
  mkdirSync(paths.runDir(record.id), { recursive: true, mode: 0o711 })
  const results = openSync(paths.healthFile(record.id), constants.O_RDWR | constants.O_CREAT | constants.O_TRUNC, 0o600)
  try {
    const launched = await launch(program, {
      title: `gocker: ${record.name} health`,
      stdio: ['ignore', 'ignore', 'ignore'],
      descriptors: { [CONTAINER_DESCRIPTOR]: pidfd, [RESULTS_DESCRIPTOR]: results },
      directory: paths.runDir(record.id),
      cwd: '/',
      detached: true,
    })
    await launched.report(REPORTS.started)
    writeDown(launched)
    launched.release()
  } finally {
    closeSync(results)
  }

  function writeDown({ pid }: Launched): void {
    const { timeout, command } = check
    const rows = program.rows.map(({ name }) => name)
    const checker: HealthChecker = { pid, startTime: processStartTime(pid) ?? 0, timeout, command, rows }
    writeFileSync(paths.healthChecker(record.id), JSON.stringify(checker), { mode: 0o600 })
  }
}

function programOf({ store, record, spec }: HealthChecksOptions, { command, ...times }: HealthCheck) {
  const { seccomp } = spec.linux
  const facts = {
    id: record.id,
    cgroup: openCgroup(spec.linux.cgroupsPath ?? cgroupPath(record.id)),
    stdio: ['null', 'pipe', 'pipe'],
    seccompFilter: seccomp === undefined ? undefined : seccompFilter(seccomp, store.paths.run),
    lastCapability: lastCapability(),
  } as const
  return toHealthProgram(execSpec(spec, { command }, { caller: {} }), facts, times)
}
