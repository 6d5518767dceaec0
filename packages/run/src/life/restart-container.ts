import type { Store } from '@gocker/store'
import { containerEvent } from './container-event.ts'
import type { DetachedOptions } from './start-detached.ts'
import { startHeld } from './start-stopped.ts'
import { type StopOptions, stopHeld } from './stop-container.ts'
import { requestStop } from './stop-request.ts'

/**
 * Stops a container, where it runs, and starts it.
 * @throws as {@link stopContainer} and {@link startStopped}
 */
export async function restartContainer(
  store: Store,
  idOrName: string,
  { timeout, signal, ...options }: StopOptions & DetachedOptions,
): Promise<void> {
  const { id } = await store.containers.get(idOrName)
  requestStop(store, id)
  await store.containers.hold(id, async () => {
    const record = await store.containers.get(id)
    await stopHeld(store, record, { ...(timeout !== undefined && { timeout }), ...(signal !== undefined && { signal }) })
    await startHeld(store, record, options)
    await containerEvent(store, record, 'restart')
  })
}
