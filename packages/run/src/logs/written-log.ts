import { type ContainerRecord, isAlive, type ProcessIdentity, type Store } from '@gocker/store'
import { readSettings } from '../life/settings.ts'
import { containerStatus } from '../life/status.ts'

/**
 * Tells, whenever it is asked, whether something may yet be added to a container's log: it runs, or is going to be started again. Between
 * the end of a run and the next one is a moment in which the clean-up, in the monitor's place, reckons whether there is one.
 */
export function writtenLog(store: Store, record: ContainerRecord): () => Promise<boolean> {
  const { restart = { name: 'no' } } = readSettings(record)
  let monitor: ProcessIdentity | undefined
  return async () => {
    monitor = (await store.containers.readState(record.id))?.monitor ?? monitor
    // Asked before the status: what the clean-up decides is known when it has gone.
    const mayComeBack = restart.name !== 'no' && monitor !== undefined && isAlive(monitor)
    const { status } = await containerStatus(store, record)
    return mayComeBack || status === 'running' || status === 'paused' || status === 'restarting'
  }
}
