import type { Store } from '@gocker/store'
import type { Caller } from './caller.ts'
import { removeHeld } from './remove-container.ts'
import { settleEnd } from './settle.ts'

/**
 * What the monitor of a detached container calls when that has ended: settles the run, and removes the container where that was asked for.
 * Harmless at any time: for a container that is gone, that runs, or that somebody else has settled.
 */
export async function cleanUpContainer(store: Store, id: string, { caller: _caller }: { readonly caller: Caller }): Promise<void> {
  if ((await store.containers.find(id)) === undefined) return
  await store.containers.hold(id, async () => {
    const record = await store.containers.get(id)
    const settled = await settleEnd(store, record)
    if (settled === undefined) return
    if (record.remove) await removeHeld(store, record)
  })
}
