import { rmSync } from 'node:fs'
import { type Cgroup, createCgroup, KernelError, processStartTime, type WindowSize } from '@gocker/kernel'
import { type ProcessIdentity, writeFileAtomic } from '@gocker/store'
import type { ContainerOptions } from '../options/container-options.ts'
import type { DetachedFacts } from '../program/plan.ts'
import { type Caller, cleanupCall } from './caller.ts'
import { type ContainerParts, stateOf } from './container.ts'
import { containerEvent } from './container-event.ts'
import { DetachedPlumbing } from './detached-plumbing.ts'
import { startHealthChecks } from './health/start-health-checks.ts'
import { type LaunchedContainer, launchContainer } from './launch-container.ts'
import { releaseNetworks } from './networks.ts'
import type { Planned } from './program-facts.ts'

export interface DetachedOptions {
  /** Who cleans up in the end. */
  readonly caller: Caller
  /** Of the terminal, at first. */
  readonly windowSize?: WindowSize
  /** How often it has been started again by its restart policy. */
  readonly restartCount?: number
  /** Milliseconds that were waited before that. */
  readonly delay?: number
}

/**
 * Starts a container that goes on when this process has ended: its monitor keeps its output, writes down how it ends, and calls the clean-up.
 * Whatever fails, nothing runs and no cgroup is left; were this process killed before the end, the container would end too.
 * To be called while the container is held.
 * @returns the pid of its first process
 * @throws as `Container.start`
 */
export async function startDetached(parts: ContainerParts, options: DetachedOptions): Promise<number> {
  const { cgroupsPath = '', resources = {} } = parts.spec.linux
  forgetLastRun(parts)
  const cgroup = await createCgroup({ path: cgroupsPath, resources })
  const plumbing = openPlumbing(parts)
  try {
    const started = await launchIn(cgroup, parts, { plumbing, options })
    await writeDown(started, parts, options)
    // Before it is let go: were this process killed here, the container would end and not go on unchecked.
    await startHealthChecks({ ...parts, container: { pid: started.pid, startTime: processStartTime(started.pid) ?? 0 } })
    plumbing.release()
    started.launched.release()
    await containerEvent(parts.store, parts.record, 'start')
    return started.pid
  } catch (error) {
    plumbing.close()
    await cgroup.kill()
    await cgroup.remove()
    await releaseNetworks(parts.store, parts.record.id)
    throw error
  } finally {
    plumbing.close()
  }
}

function forgetLastRun({ store, record }: ContainerParts): void {
  const { exit, exitStatus } = store.paths.bundle(record.id)
  for (const file of [exit, exitStatus, store.paths.stopRequest(record.id)]) rmSync(file, { force: true })
}

function openPlumbing({ spec, options }: ContainerParts): DetachedPlumbing {
  return new DetachedPlumbing({
    hasTerminal: spec.process.terminal === true,
    keepsStdin: options.stdin === true,
    keepsOutput: options.log?.driver !== 'none',
  })
}

interface Launching {
  readonly plumbing: DetachedPlumbing
  readonly options: DetachedOptions
}

async function launchIn(cgroup: Cgroup, parts: ContainerParts, { plumbing, options }: Launching): Promise<LaunchedContainer> {
  return await launchContainer(parts, cgroup, {
    plumbing: plumbing.plumbing,
    windowSize: options.windowSize,
    detached: detachedFacts({ ...parts, id: parts.record.id }, options.caller),
    onFailure: () => plumbing.close(),
  })
}

/** What the monitor of a detached container has to know. */
export function detachedFacts(
  { store, id, options }: Pick<Planned, 'store' | 'id'> & { options: Pick<ContainerOptions, 'log'> },
  caller: Caller,
): DetachedFacts {
  const { log: file, exitStatus } = store.paths.bundle(id)
  const { driver, maxSize = 0, maxFiles = 1 } = options.log ?? {}
  return { log: driver === 'none' ? undefined : { file, maxSize, maxFiles }, exitFile: exitStatus, cleanup: cleanupCall(caller, id) }
}

/** Before the monitor is released: from then on whoever looks finds the container running. */
async function writeDown({ launched, pid }: LaunchedContainer, { store, record }: ContainerParts, options: DetachedOptions): Promise<void> {
  const startedAt = new Date().toISOString()
  await writeFileAtomic(store.paths.bundle(record.id).started, startedAt, { sync: false })
  await store.containers.writeState(record.id, {
    ...stateOf(record, 'running'),
    // One that has ended already is told from a later process by a time that no process has.
    pid,
    startTime: processStartTime(pid) ?? 0,
    startedAt,
    monitor: identityOf(launched.pid),
    restartCount: options.restartCount ?? 0,
    ...(options.delay !== undefined && { delay: options.delay }),
  })
}

function identityOf(pid: number): ProcessIdentity {
  const startTime = processStartTime(pid)
  if (startTime === undefined) throw new KernelError('ESRCH', 'starting the container: its monitor was killed', { syscall: 'launch' })
  return { pid, startTime }
}
