import { type NetworkDefinition, type NetworkSubnet, randomHex, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { DEFAULT_NETWORK } from '../options/network.ts'
import { removeAbandoned } from './abandoned.ts'
import { findBridge, makeBridge } from './bridge.ts'
import type { Machine } from './machine.ts'
import { isDefault } from './network-options.ts'
import { firstAddress, freeSubnet } from './pools.ts'
import type { NetworkState } from './state.ts'
import { rangeOf } from './subnets.ts'
import { takenSubnets } from './taken-subnets.ts'

/** Of chosen subnets: somebody else may take one between the look and the deed. */
const TRIES = 10

/**
 * A network by its name or id.
 * @throws {RunError} `NO_SUCH_NETWORK`; {StoreError} `AMBIGUOUS_ID`
 */
export async function networkNamed(store: Store, nameOrId: string): Promise<NetworkDefinition> {
  const found = await store.networks.find(nameOrId)
  if (found !== undefined) return found
  throw new RunError('NO_SUCH_NETWORK', `finding network ${nameOrId}: there is none`, {
    hint: 'gocker network ls lists them, gocker network create makes one',
  })
}

/** As networkNamed; the default network is defined when it is first asked for. The lock is the caller's. */
export async function definedNetwork(machine: Machine, store: Store, nameOrId: string): Promise<NetworkDefinition> {
  if (nameOrId !== DEFAULT_NETWORK) return await networkNamed(store, nameOrId)
  return (await store.networks.find(DEFAULT_NETWORK)) ?? (await defineDefault(machine, store))
}

/**
 * The network as it is once its bridge is there, and that. Where its subnet was chosen, is another's by now and nobody uses it,
 * it gets another one.
 * @throws {RunError} `NETWORK_FAILED`, `ADDRESS_TAKEN`; {KernelError}
 */
export async function withBridge(
  machine: Machine,
  { store, definition }: { store: Store; definition: NetworkDefinition },
  state: NetworkState,
): Promise<{ definition: NetworkDefinition; bridge: string }> {
  const found = findBridge(machine, { store, definition }, state)
  if (found !== undefined) return { definition, bridge: found }
  removeAbandoned(machine)
  let wanted = definition
  for (let left = TRIES; ; left--) {
    try {
      return { definition: wanted, bridge: makeBridge(machine, { store, definition: wanted }, state) }
    } catch (error) {
      const mayMove = left > 0 && isTaken(error) && wanted.subnets.some(({ chosen }) => chosen) && !isUsed(state, wanted)
      if (!mayMove) throw error
      wanted = { ...wanted, subnets: await chooseAgain(machine, store, wanted) }
      await store.networks.put(wanted)
    }
  }
}

/** A subnet of IPv4 that nobody has. */
export async function chooseSubnet(machine: Machine, store: Store): Promise<NetworkSubnet> {
  const subnet = freeSubnet(takenSubnets(machine, await store.networks.list()))
  return { subnet, gateway: firstAddress(subnet), chosen: true }
}

async function defineDefault(machine: Machine, store: Store): Promise<NetworkDefinition> {
  const subnets = [await chooseSubnet(machine, store)]
  const created = new Date().toISOString()
  const definition = { id: randomHex(32), name: DEFAULT_NETWORK, created, internal: false, subnets, labels: {}, options: {} }
  await store.networks.put(definition)
  return definition
}

async function chooseAgain(machine: Machine, store: Store, { subnets }: NetworkDefinition): Promise<NetworkSubnet[]> {
  const another = await chooseSubnet(machine, store)
  return subnets.map((subnet) => (subnet.chosen && rangeOf(subnet.subnet).family === 'ipv4' ? another : subnet))
}

function isTaken(error: unknown): boolean {
  return error instanceof RunError && error.code === 'ADDRESS_TAKEN'
}

function isUsed({ members }: NetworkState, { id }: NetworkDefinition): boolean {
  return Object.values(members).some(({ endpoints }) => endpoints.some(({ networkId }) => networkId === id))
}

/** Whether its containers find each other by their names: on the default network they never did. */
export function resolvesNames({ network }: { network: string }): boolean {
  return !isDefault({ name: network })
}
