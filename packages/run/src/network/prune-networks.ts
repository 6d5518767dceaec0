import { deleteLink, findLink, inUserNamespace, listLinks, removeRules } from '@gocker/kernel'
import type { NetworkDefinition, Store } from '@gocker/store'
import type { RunOptions } from '../options/container-options.ts'
import { removeAbandoned } from './abandoned.ts'
import { removeBridge } from './bridge.ts'
import { ownerOfRule } from './give-back.ts'
import { type Machine, TABLE, withMachine } from './machine.ts'
import { isDefault } from './network-options.ts'
import { forgetNetwork, membersOn } from './remove-network.ts'
import { changeNetworkState, type NetworkState } from './state.ts'
import { sweepMembers } from './sweep.ts'

export interface PruneNetworksOptions {
  /** Only networks that this is true of; what a killed gocker left goes in any case. */
  readonly which?: (definition: NetworkDefinition) => boolean
  /** Networks stay, and only what a killed gocker left goes. */
  readonly leftoversOnly?: boolean
}

/**
 * Takes back what dead containers have, removes wires and rules that are nobody's, and networks that no container names. Of the default
 * network, when nobody uses it, the bridge goes; it is made again when it is needed. An ordinary user has no networks, and nothing of the machine's is touched.
 * @returns the names of the networks that are gone
 * @throws {RunError} `NETWORK_FAILED`
 */
export async function pruneNetworks(
  store: Store,
  { which = () => true, leftoversOnly = false }: PruneNetworksOptions = {},
): Promise<string[]> {
  if (inUserNamespace()) {
    await (await import('./user/sweep-user-networks.ts')).sweepUserNetworks(store)
    return []
  }
  return await withMachine('removing unused networks', (machine) =>
    changeNetworkState(store, async (state) => {
      removeAbandoned(machine)
      const definitions = await store.networks.list()
      if (definitions.length === 0) return []
      await sweepMembers(machine, store, state)
      removeOrphans(machine, definitions, state)
      return leftoversOnly ? [] : await removeUnused(machine, { store, definitions: definitions.filter(which) }, state)
    }),
  )
}

async function removeUnused(
  machine: Machine,
  { store, definitions }: { store: Store; definitions: readonly NetworkDefinition[] },
  state: NetworkState,
): Promise<string[]> {
  const named = await namedNetworks(store)
  const removed: string[] = []
  for (const definition of definitions) {
    const { id, name } = definition
    if (membersOn(state, definition).length > 0) continue
    if (isDefault(definition)) removeBridge(machine, { store, definition }, state)
    else if (!named.has(name) && !named.has(id)) {
      await forgetNetwork(machine, { store, definition }, state)
      removed.push(name)
    }
  }
  return removed
}

/** By containers that do not run, too: they could not be started again without. */
async function namedNetworks(store: Store): Promise<Set<string>> {
  const settings = (await store.containers.list()).map(({ options }) => options as Pick<RunOptions, 'network' | 'endpoints'>)
  return new Set(
    settings.flatMap(({ network, endpoints = {} }) => [...(network === undefined ? [] : [network]), ...Object.keys(endpoints)]),
  )
}

/** What hangs on these networks and is no container's. */
function removeOrphans({ route, netfilter }: Machine, definitions: readonly NetworkDefinition[], { bridges, members }: NetworkState): void {
  const all = Object.values(members)
  const wires = new Set(all.flatMap(({ endpoints }) => endpoints.map(({ port }) => port)))
  for (const bridge of Object.values(bridges)) {
    const index = findLink(route, bridge)?.index
    const ports = listLinks(route).filter(({ master, kind }) => index !== undefined && master === index && kind === 'veth')
    for (const port of ports) if (!wires.has(port.name)) deleteLink(route, port.index)
  }
  const networks = new Set(definitions.map(({ id }) => id.slice(0, 12)))
  const containers = new Set(all.map(({ id }) => id.slice(0, 12)))
  removeRules(netfilter, TABLE, ({ comment }) => {
    const owner = ownerOfRule(comment)
    return owner !== undefined && networks.has(owner.network) && !containers.has(owner.container)
  })
}
