import { type ContainerRecord, isAlive, type Store } from '@gocker/store'
import { readSettings } from '../life/settings.ts'
import { containerStatus } from '../life/status.ts'

/** Whether something may yet be added to a container's log: it runs, or is going to be started again. */
export async function isWritten(store: Store, record: ContainerRecord): Promise<boolean> {
  const { status } = await containerStatus(store, record)
  if (status === 'running' || status === 'paused' || status === 'restarting') return true
  return await isDecidedOn(store, record)
}

/** Between the end of a run and the next one there is a moment in which the clean-up, in the monitor's place, reckons whether there is one. */
async function isDecidedOn(store: Store, record: ContainerRecord): Promise<boolean> {
  const { restart } = readSettings(record)
  if (restart === undefined || restart.name === 'no') return false
  const state = await store.containers.readState(record.id)
  return state?.status === 'running' && state.monitor !== undefined && isAlive(state.monitor)
}
