import { closeSync, readFileSync } from 'node:fs'
import { type Cgroup, openCgroup, pidfdOpen } from '@gocker/kernel'
import type { RuntimeSpec } from '@gocker/oci'
import { type ContainerRecord, cgroupPath, isAlive, type Store } from '@gocker/store'
import { RunError } from '../../error.ts'

/** A container that runs, held so that no other process can be taken for it. */
export interface HeldContainer {
  readonly record: ContainerRecord
  readonly spec: RuntimeSpec
  /** Of its first process, as this process counts. */
  readonly pid: number
  /** Means that process for good. */
  readonly pidfd: number
  readonly cgroup: Cgroup
  /** Whether its first process is still the one that `pidfd` means: then what was found by `pid` until now was the container's. */
  isAlive(): boolean
  release(): void
}

/**
 * Takes hold of a running container.
 * @throws {RunError} `NOT_RUNNING`, `PAUSED`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function holdRunning(store: Store, idOrName: string): Promise<HeldContainer> {
  const record = await store.containers.get(idOrName)
  const state = await store.containers.readState(record.id)
  const pidfd = state?.pid === undefined ? undefined : openIfThere(state.pid)
  // Asked after the opening: a number that was another process's then is another's now.
  if (state?.pid === undefined || pidfd === undefined || !isAlive(state)) {
    if (pidfd !== undefined) closeSync(pidfd)
    throw notRunning(record.name)
  }
  try {
    const cgroup = openCgroup(state.cgroup ?? cgroupPath(record.id))
    if (cgroup.isFrozen()) throw paused(record.name)
    const spec = JSON.parse(readFileSync(store.paths.bundle(record.id).config, 'utf8')) as RuntimeSpec
    return { record, spec, pid: state.pid, pidfd, cgroup, isAlive: () => isAlive(state), release: () => closeSync(pidfd) }
  } catch (error) {
    closeSync(pidfd)
    throw error
  }
}

export function notRunning(name: string): RunError {
  return new RunError('NOT_RUNNING', `running a command in container ${name}: it is not running`, { hint: `gocker start ${name}` })
}

function paused(name: string): RunError {
  return new RunError('PAUSED', `running a command in container ${name}: it is paused`, { hint: `gocker unpause ${name}` })
}

function openIfThere(pid: number): number | undefined {
  try {
    return pidfdOpen(pid)
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ESRCH') return undefined
    throw error
  }
}
