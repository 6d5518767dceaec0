import { openCgroup } from '@gocker/kernel'
import {
  type ContainerExit,
  type ContainerRecord,
  type ContainerState,
  cgroupPath,
  isAlive,
  type Store,
  writeFileAtomic,
} from '@gocker/store'
import { stateOf } from './container.ts'
import { containerEvent } from './container-event.ts'
import { releaseNetworks } from './networks.ts'
import { sendSignal } from './send-signal.ts'
import { type ContainerStatusNow, containerStatus } from './status.ts'

const SIGKILL = 9

/** How a run ended that was settled just now. */
export interface SettledRun extends ContainerStatusNow {
  readonly exit: ContainerExit
  readonly delay?: number
  readonly state: ContainerState
}

/**
 * After a run's end: its cgroup goes, and the state says how it ended. Does nothing for a container that runs, and for one whose last run
 * is settled. To be called while the container is held.
 * @returns undefined where nothing was to be done
 */
export async function settleEnd(store: Store, record: ContainerRecord): Promise<SettledRun | undefined> {
  const state = await store.containers.readState(record.id)
  if (state?.status !== 'running') return undefined
  const now = await containerStatus(store, record)
  if (now.status !== 'exited' || isAlive(state)) return undefined
  const isOutOfMemory = await removeCgroup(state.cgroup ?? cgroupPath(record.id))
  await releaseNetworks(store, record.id)
  const exit = { ...(now.exit ?? { code: 0 }), ...(isOutOfMemory && { oomKilled: true }) }
  const finishedAt = (now.finishedAt ?? new Date()).toISOString()
  const times = { ...(state.startedAt !== undefined && { startedAt: state.startedAt }), finishedAt }
  await writeFileAtomic(store.paths.bundle(record.id).exit, JSON.stringify({ ...exit, ...times }))
  const delay = state.delay === undefined ? {} : { delay: state.delay }
  const settled = { ...stateOf(record, 'stopped'), ...times, exit, restartCount: now.restartCount, ...delay }
  await store.containers.writeState(record.id, settled)
  dismissCleaner(state)
  if (isOutOfMemory) await containerEvent(store, record, 'oom')
  await containerEvent(store, record, 'die', { exitCode: `${exit.code}` })
  return { ...now, ...delay, exit, state: settled }
}

/** What the monitor has become, or is about to, would find nothing to do. */
function dismissCleaner({ monitor }: ContainerState): void {
  if (monitor !== undefined && monitor.pid !== process.pid) sendSignal(monitor, SIGKILL)
}

/** With all that is still inside. @returns whether the kernel had killed something in it for want of memory */
async function removeCgroup(path: string): Promise<boolean> {
  const cgroup = openCgroup(path)
  const isOutOfMemory = await cgroup.oomKilled()
  await cgroup.kill()
  await cgroup.remove()
  return isOutOfMemory
}
