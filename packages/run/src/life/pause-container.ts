import { openCgroup } from '@gocker/kernel'
import { type ContainerRecord, cgroupPath, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { containerEvent } from './container-event.ts'
import { containerStatus } from './status.ts'

/**
 * Makes every process of a container stand still.
 * @throws {RunError} `NOT_RUNNING`, `PAUSED`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`; {KernelError} where nothing can freeze
 */
export async function pauseContainer(store: Store, idOrName: string): Promise<void> {
  await change(store, idOrName, async (record, status) => {
    if (status === 'paused') throw new RunError('PAUSED', `pausing container ${record.name}: it is paused already`)
    if (status !== 'running') throw new RunError('NOT_RUNNING', `pausing container ${record.name}: it is not running`)
    await openCgroup(cgroupPath(record.id)).freeze()
    await containerEvent(store, record, 'pause')
  })
}

/**
 * Lets them go on.
 * @throws {RunError} `NOT_PAUSED`; {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function unpauseContainer(store: Store, idOrName: string): Promise<void> {
  await change(store, idOrName, async (record, status) => {
    if (status !== 'paused') throw new RunError('NOT_PAUSED', `unpausing container ${record.name}: it is not paused`)
    await openCgroup(cgroupPath(record.id)).thaw()
    await containerEvent(store, record, 'unpause')
  })
}

type Work = (record: ContainerRecord, status: Awaited<ReturnType<typeof containerStatus>>['status']) => Promise<void>

async function change(store: Store, idOrName: string, work: Work): Promise<void> {
  const { id } = await store.containers.get(idOrName)
  await store.containers.hold(id, async () => {
    const record = await store.containers.get(id)
    await work(record, (await containerStatus(store, record)).status)
  })
}
