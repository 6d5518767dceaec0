import { closeSync, constants, mkdirSync, openSync, writeFileSync } from 'node:fs'
import { type Launched, lastCapability, launch, openCgroup, pidfdOpen, processStartTime } from '@gocker/kernel'
import { cgroupPath, type ProcessIdentity } from '@gocker/store'
import { seccompFilter } from '../../host/seccomp-filter.ts'
import { RESULTS_DESCRIPTOR } from '../../program/exec/health-plan.ts'
import { toHealthProgram } from '../../program/exec/health-program.ts'
import { CONTAINER_DESCRIPTOR } from '../../program/exec/join.ts'
import { REPORTS } from '../../program/monitor.ts'
import { execSpec } from '../exec/exec-spec.ts'
import type { HealthCheck } from './health-check.ts'
import type { HealthChecksOptions } from './start-health-checks.ts'

/** What is written down of the checking process, beside its results: JSON. */
export interface HealthChecker extends ProcessIdentity {
  /** Nanoseconds. */
  readonly timeout: number
  readonly command: readonly string[]
  /** What the program's rows are called, for those that fail. */
  readonly rows: readonly string[]
}

/** Starts the process that checks; not where the container has ended already. */
export async function startChecker(options: HealthChecksOptions, check: HealthCheck): Promise<void> {
  const pidfd = openIfAlive(options.container)
  if (pidfd === undefined) return
  try {
    await start(options, check, pidfd)
  } finally {
    closeSync(pidfd)
  }
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
  const program = await programOf({ store, record, spec, ...options }, check)
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

async function programOf({ store, record, spec, container }: HealthChecksOptions, { command, ...times }: HealthCheck) {
  const { seccomp } = spec.linux
  const facts = {
    id: record.id,
    cgroup: openCgroup(spec.linux.cgroupsPath ?? cgroupPath(record.id)),
    firstProcess: container.pid,
    stdio: ['null', 'pipe', 'pipe'],
    seccompFilter: seccomp === undefined ? undefined : await seccompFilter(seccomp, store.paths.run),
    lastCapability: lastCapability(),
  } as const
  return toHealthProgram(execSpec(spec, { command }, { caller: {} }), facts, times)
}
