import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ContainerRecord, isAlive, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { type Network, sharedContainer } from '../options/network.ts'

/**
 * The container whose network another one uses; undefined where that was not asked for.
 * @throws {StoreError} `NOT_FOUND`, `AMBIGUOUS_ID`
 */
export async function sharedRecord(store: Store, network: Network | undefined): Promise<ContainerRecord | undefined> {
  const named = sharedContainer(network)
  return named === undefined ? undefined : await store.containers.get(named)
}

/** What stands in `config.json` for the namespace until the start, which finds it. */
export function sharedPlaceholder(store: Store, { id }: ContainerRecord): string {
  return join(store.paths.runDir(id), 'network')
}

/**
 * The network namespace of a running container.
 * @throws {RunError} `NOT_RUNNING`
 */
export async function sharedNamespace(store: Store, { id, name }: ContainerRecord): Promise<string> {
  const state = await store.containers.readState(id)
  if (state?.pid !== undefined && isAlive(state)) return `/proc/${state.pid}/ns/net`
  throw new RunError('NOT_RUNNING', `using the network of container ${name}: it is not running`, { hint: `gocker start ${name}` })
}

export function hostnameFrom(store: Store, { id }: ContainerRecord): string {
  return readFileSync(store.paths.bundle(id).hostname, 'utf8').trim()
}
