import { type ContainerRecord, readEvents, type Store } from '@gocker/store'
import { untilRunEnds } from './run-end.ts'
import { containerStatus } from './status.ts'

/**
 * Waits until a container does not run.
 * @returns its exit code: at once for one that has ended, 0 for one that was never started
 * @throws {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`; the signal's reason
 */
export async function waitContainer(store: Store, idOrName: string, { signal }: { readonly signal?: AbortSignal } = {}): Promise<number> {
  const record = await store.containers.get(idOrName)
  while (true) {
    const { status, exit } = await containerStatus(store, record)
    if (status !== 'running' && status !== 'paused')
      return (await isThere(store, record)) ? (exit?.code ?? 0) : await codeOfRemoved(store, record)
    await untilRunEnds(store, record, signal === undefined ? {} : { signal })
    signal?.throwIfAborted()
  }
}

async function isThere(store: Store, { id }: ContainerRecord): Promise<boolean> {
  return (await store.containers.find(id)) !== undefined
}

/** It has gone with its process, and what its end was is told by the events alone. */
async function codeOfRemoved(store: Store, { id }: ContainerRecord): Promise<number> {
  let code = 0
  for await (const { Action, Actor } of readEvents(store)) if (Actor.ID === id && Action === 'die') code = Number(Actor.Attributes.exitCode)
  return code
}
