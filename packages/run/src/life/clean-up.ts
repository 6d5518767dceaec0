import { existsSync } from 'node:fs'
import type { ContainerRecord, Store } from '@gocker/store'
import type { Caller } from './caller.ts'
import { removeHeld } from './remove-container.ts'
import { restartDelay } from './restart-policy.ts'
import { readSettings } from './settings.ts'
import { type SettledRun, settleEnd } from './settle.ts'
import { sleepBefore } from './sleeper.ts'

/**
 * What the monitor of a detached container calls when that has ended: settles the run, and removes the container or has it started again,
 * as was asked. Harmless at any time: for a container that is gone, that runs, or that somebody else has settled.
 */
export async function cleanUpContainer(store: Store, id: string, { caller }: { readonly caller: Caller }): Promise<void> {
  if ((await store.containers.find(id)) === undefined) return
  await store.containers.hold(id, async () => {
    const record = await store.containers.get(id)
    const settled = await settleEnd(store, record)
    if (settled === undefined) return
    if (record.remove) await removeHeld(store, record)
    else await applyRestartPolicy(store, record, { settled, caller })
  })
}

async function applyRestartPolicy(
  store: Store,
  record: ContainerRecord,
  { settled, caller }: { settled: SettledRun; caller: Caller },
): Promise<void> {
  const wasStopped = existsSync(store.paths.stopRequest(record.id))
  const delay = restartDelay(readSettings(record).restart, { ...settled, wasStopped })
  if (delay === undefined) return
  const sleeper = await sleepBefore(record, { caller, delay })
  await store.containers.writeState(record.id, { ...settled.state, status: 'restarting', sleeper, delay })
}
