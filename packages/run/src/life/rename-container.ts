import type { Store } from '@gocker/store'
import { containerEvent } from './container-event.ts'
import { renameOnNetworks } from './networks.ts'

/**
 * Gives a container another name.
 * @throws {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`, `NAME_TAKEN`, `INVALID_NAME`
 */
export async function renameContainer(store: Store, idOrName: string, name: string): Promise<void> {
  const before = await store.containers.get(idOrName)
  await store.containers.hold(before.id, async () => {
    const record = await store.containers.change(before.id, { name })
    await renameOnNetworks(store, record.id, name)
    await containerEvent(store, record, 'rename', { oldName: before.name })
  })
}
