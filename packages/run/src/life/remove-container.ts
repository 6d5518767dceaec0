import { openCgroup } from '@gocker/kernel'
import { type ContainerRecord, cgroupPath, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { containerEvent } from './container-event.ts'
import { untilRunEnds } from './run-end.ts'
import { settleEnd } from './settle.ts'
import { wakeNoMore } from './sleeper.ts'
import { containerStatus } from './status.ts'
import { requestStop } from './stop-request.ts'

export interface RemoveOptions {
  /** Kills it first where it runs. */
  readonly force?: boolean
}

/**
 * Removes a container with its files and its anonymous volumes.
 * @throws {RunError} `RUNNING`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function removeContainer(store: Store, idOrName: string, { force = false }: RemoveOptions = {}): Promise<void> {
  const { id } = await store.containers.get(idOrName)
  if (force) await kill(store, id)
  await store.containers.hold(id, async () => {
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
  })
}

/** Without holding it: who stops it just now need not be waited for. */
async function kill(store: Store, id: string): Promise<void> {
  const state = await store.containers.readState(id)
  requestStop(store, id)
  const cgroup = openCgroup(state?.cgroup ?? cgroupPath(id))
  await cgroup.kill()
  await untilRunEnds(store, await store.containers.get(id))
}

function isRunning({ name }: ContainerRecord, status: string): RunError {
  return new RunError('RUNNING', `removing container ${name}: it is ${status}`, { hint: 'stop it first, or remove it with --force' })
}

/** Removes a container that does not run and is held. */
export async function removeHeld(store: Store, record: ContainerRecord): Promise<void> {
  await store.containers.remove(record.id)
  await containerEvent(store, record, 'destroy')
}
