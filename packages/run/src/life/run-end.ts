import { setTimeout as delay } from 'node:timers/promises'
import { type ContainerRecord, isAlive, type Store } from '@gocker/store'
import { untilProcessEnds } from './process-end.ts'
import { containerStatus } from './status.ts'

/** Milliseconds between two looks at what comes at once after a process's end. */
const PAUSE = 5
/** Milliseconds that a gocker in the foreground has, after its container's end, to write down how it ended. */
const PATIENCE = 5000

/**
 * Waits until a container that runs has ended, and how it ended is written down.
 * @returns false when the signal was aborted before
 */
export async function untilRunEnds(
  store: Store,
  record: ContainerRecord,
  options: { readonly signal?: AbortSignal } = {},
): Promise<boolean> {
  const state = await store.containers.readState(record.id)
  const { pid, startTime } = state ?? {}
  if (pid === undefined || startTime === undefined) return true
  if (!(await untilProcessEnds({ pid, startTime }, options))) return false
  if (state?.monitor !== undefined) await untilMonitorHasTold(store, record)
  else await untilGockerHasTold(store, record, pid)
  return true
}

/** It has only to empty the pipes. */
async function untilMonitorHasTold(store: Store, record: ContainerRecord): Promise<void> {
  while ((await containerStatus(store, record)).status === 'running') await delay(PAUSE)
}

/** The one that runs it in the foreground, unless that was killed, too. */
async function untilGockerHasTold(store: Store, record: ContainerRecord, pid: number): Promise<void> {
  for (let waited = 0; waited < PATIENCE; waited += PAUSE) {
    const state = await store.containers.readState(record.id)
    if (state?.pid !== pid || isAlive({ pid, startTime: state.startTime ?? 0 })) return
    await delay(PAUSE)
  }
}
