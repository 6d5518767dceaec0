import { openCgroup, signalNumber } from '@gocker/kernel'
import { type ContainerRecord, type ContainerState, cgroupPath, type Store } from '@gocker/store'
import { containerEvent } from './container-event.ts'
import { removeHeld } from './remove-container.ts'
import { untilRunEnds } from './run-end.ts'
import { sendSignal } from './send-signal.ts'
import { readSettings } from './settings.ts'
import { settleEnd } from './settle.ts'
import { wakeNoMore } from './sleeper.ts'
import { containerStatus } from './status.ts'
import { requestStop } from './stop-request.ts'

export interface StopOptions {
  /** Seconds until it is killed; the container's own, else 10, unless given. -1 is never. */
  readonly timeout?: number
  /** A name or a number; the container's own, else SIGTERM, unless given. */
  readonly signal?: string
}

const SIGKILL = 9
const DEFAULT_TIMEOUT = 10

/**
 * Asks a container to end, and kills it when it has not in time; then it is not started again by its restart policy, and gone where it was
 * to go with its process. One that does not run is left as it is.
 * @throws {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`; {KernelError} `EINVAL` for what is no signal
 */
export async function stopContainer(store: Store, idOrName: string, options: StopOptions = {}): Promise<void> {
  const { id } = await store.containers.get(idOrName)
  requestStop(store, id)
  await store.containers.hold(id, async () => {
    const record = await store.containers.get(id)
    await stopHeld(store, record, options)
    if (record.remove) await removeHeld(store, record)
  })
}

/** As {@link stopContainer}, but the container stays in any case. To be called while it is held. */
export async function stopHeld(store: Store, record: ContainerRecord, options: StopOptions = {}): Promise<void> {
  await settleEnd(store, record)
  await wakeNoMore(store, record)
  const { status } = await containerStatus(store, record)
  const state = await store.containers.readState(record.id)
  if (state === undefined || (status !== 'running' && status !== 'paused')) return
  await end(store, record, { state, ...options })
  await settleEnd(store, record)
  await containerEvent(store, record, 'stop')
}

async function end(
  store: Store,
  record: ContainerRecord,
  { state, ...options }: StopOptions & { readonly state: ContainerState },
): Promise<void> {
  const { pid = 0, startTime = 0 } = state
  const { stopSignal = 'SIGTERM', stopTimeout = DEFAULT_TIMEOUT } = readSettings(record)
  const signal = signalNumber(options.signal ?? stopSignal)
  const timeout = options.timeout ?? stopTimeout
  const cgroup = openCgroup(state.cgroup ?? cgroupPath(record.id))
  sendSignal({ pid, startTime }, signal)
  await containerEvent(store, record, 'kill', { signal: `${signal}` })
  // What stands still takes no signal.
  if (cgroup.isFrozen()) await cgroup.thaw()
  const patience = timeout < 0 ? {} : { signal: AbortSignal.timeout(timeout * 1000) }
  if (await untilRunEnds(store, record, patience)) return
  await containerEvent(store, record, 'kill', { signal: `${SIGKILL}` })
  sendSignal({ pid, startTime }, SIGKILL)
  await cgroup.kill()
  await untilRunEnds(store, record)
}
