import { openCgroup } from '@gocker/kernel'
import { type ContainerRecord, cgroupPath, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { containerEvent } from './container-event.ts'
import { settleEnd } from './settle.ts'
import { containerStatus } from './status.ts'

/**
 * Removes a container that another process may have made, with its files and its cgroup.
 * @param force kills it first where it runs
 * @throws {RunError} `RUNNING`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function removeContainer(store: Store, idOrName: string, { force = false }: { force?: boolean } = {}): Promise<void> {
  const { id, name } = await store.containers.get(idOrName)
  const record = await store.containers.get(id)
  const { status } = await containerStatus(store, record)
  if (status !== 'created' && status !== 'exited' && !force)
    throw new RunError('RUNNING', `removing container ${name}: it is running`, { hint: 'kill it first, or remove it with --force' })
  const cgroup = openCgroup((await store.containers.readState(id))?.cgroup ?? cgroupPath(id))
  await cgroup.kill()
  await store.containers.hold(id, async () => {
    await settleEnd(store, record)
    await cgroup.remove()
    await removeHeld(store, record)
  })
}

/** Removes a container that does not run and is held. */
export async function removeHeld(store: Store, record: ContainerRecord): Promise<void> {
  await store.containers.remove(record.id)
  await containerEvent(store, record, 'destroy')
}
