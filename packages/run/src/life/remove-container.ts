import { openCgroup } from '@gocker/kernel'
import { type ContainerRecord, cgroupPath, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { containerEvent } from './container-event.ts'
import { untilRunEnds } from './run-end.ts'
import { sendSignal } from './send-signal.ts'
import { settleEnd } from './settle.ts'
import { wakeNoMore } from './sleeper.ts'
import { containerStatus } from './status.ts'
import { requestStop } from './stop-request.ts'

const SIGKILL = 9

export interface RemoveOptions {
  /** Kills it first where it runs. */
  readonly force?: boolean
}

/**
 * Removes a container with its files and its anonymous volumes. By force, one that somebody else removes meanwhile is as good as removed.
 * @throws {RunError} `RUNNING`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function removeContainer(store: Store, idOrName: string, { force = false }: RemoveOptions = {}): Promise<void> {
  const { id } = await store.containers.get(idOrName)
  try {
    // Before it is held: who waits just now for its end need not be waited for.
    if (force) await kill(store, id)
    await store.containers.hold(id, () => removeStopped(store, id, force))
  } catch (error) {
    if (!force || (await store.containers.find(id)) !== undefined) throw error
  }
}

async function removeStopped(store: Store, id: string, force: boolean): Promise<void> {
  const record = await store.containers.get(id)
  await settleEnd(store, record)
  const { status } = await containerStatus(store, record)
  if (status !== 'created' && status !== 'exited') {
    if (!force) throw isRunning(record, status)
    await kill(store, id)
    await wakeNoMore(store, record)
    await settleEnd(store, record)
  }
  await openCgroup(cgroupPath(id)).remove()
  await removeHeld(store, record)
}

/** And keeps it from being started again. */
async function kill(store: Store, id: string): Promise<void> {
  const [record, state] = await Promise.all([store.containers.get(id), store.containers.readState(id)])
  requestStop(store, id)
  // The first process by itself: an ordinary user's container may have no cgroup.
  if (state?.pid !== undefined) sendSignal({ pid: state.pid, startTime: state.startTime ?? 0 }, SIGKILL)
  await openCgroup(state?.cgroup ?? cgroupPath(id)).kill()
  await untilRunEnds(store, record)
}

function isRunning({ name }: ContainerRecord, status: string): RunError {
  return new RunError('RUNNING', `removing container ${name}: it is ${status}`, { hint: 'stop it first, or remove it with --force' })
}

/** Removes a container that does not run and is held. */
export async function removeHeld(store: Store, record: ContainerRecord): Promise<void> {
  await store.containers.remove(record.id)
  await containerEvent(store, record, 'destroy')
}
