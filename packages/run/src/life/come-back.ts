import type { Store } from '@gocker/store'
import type { Caller } from './caller.ts'
import { startHeld } from './start-stopped.ts'

/**
 * What a restart policy's sleeper becomes: starts a container again that ended by itself. Does nothing unless this very process is the one
 * that was to do so: whoever stopped or started the container meanwhile goes first.
 * @throws as {@link startStopped}
 */
export async function comeBack(store: Store, id: string, { caller }: { readonly caller: Caller }): Promise<void> {
  if ((await store.containers.find(id)) === undefined) return
  await store.containers.hold(id, async () => {
    const record = await store.containers.get(id)
    const state = await store.containers.readState(id)
    if (state?.status !== 'restarting' || state.sleeper?.pid !== process.pid) return
    const { sleeper: _, ...rest } = state
    await store.containers.writeState(id, { ...rest, status: 'stopped' })
    await startHeld(store, record, {
      caller,
      restartCount: (state.restartCount ?? 0) + 1,
      ...(state.delay !== undefined && { delay: state.delay }),
    })
  })
}
