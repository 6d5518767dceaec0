import { type ContainerRecord, isAlive, type Store, StoreError } from '@gocker/store'
import { readSettings } from '../life/settings.ts'
import { containerStatus } from '../life/status.ts'

/** Whether something may yet be added to a container's log: it runs, or is going to be started again. */
export async function isWritten(store: Store, record: ContainerRecord): Promise<boolean> {
  const { restart = { name: 'no' } } = readSettings(record)
  if (await runs(store, record)) return true
  if (restart.name === 'no') return false
  // The clean-up holds the container while it reckons whether there is a next run.
  const isGoingOn = async () => (await isToBeCleanedUp(store, record)) || (await runs(store, record))
  return (await isGoingOn()) || (await store.containers.hold(record.id, isGoingOn).catch(notWhenRemoved))
}

async function runs(store: Store, record: ContainerRecord): Promise<boolean> {
  const { status } = await containerStatus(store, record)
  return status === 'running' || status === 'paused' || status === 'restarting'
}

/** A run has ended, and the clean-up is about to begin in the monitor's place. */
async function isToBeCleanedUp(store: Store, { id }: ContainerRecord): Promise<boolean> {
  const state = await store.containers.readState(id)
  return state?.status === 'running' && state.monitor !== undefined && isAlive(state.monitor)
}

function notWhenRemoved(error: unknown): boolean {
  if (!(error instanceof StoreError) || error.code !== 'NOT_FOUND') throw error
  return false
}
