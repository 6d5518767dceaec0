import { type ContainerRecord, isAlive, type Store } from '@gocker/store'
import { readSettings } from '../life/settings.ts'
import { containerStatus } from '../life/status.ts'

/** Whether something may yet be added to a container's log: it runs, or is going to be started again. */
export async function isWritten(store: Store, record: ContainerRecord): Promise<boolean> {
  const { restart = { name: 'no' } } = readSettings(record)
  if (await runs(store, record)) return true
  if (restart.name === 'no') return false
  // Between two runs the clean-up, in the monitor's place, reckons whether there is a next one. It holds the container meanwhile.
  const state = await store.containers.readState(record.id)
  if (state?.status === 'running' && state.monitor !== undefined && isAlive(state.monitor)) return true
  return await store.containers.hold(record.id, () => runs(store, record))
}

async function runs(store: Store, record: ContainerRecord): Promise<boolean> {
  const { status } = await containerStatus(store, record)
  return status === 'running' || status === 'paused' || status === 'restarting'
}
