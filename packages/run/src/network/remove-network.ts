import { type NetworkDefinition, recordEvent, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { removeBridge } from './bridge.ts'
import { networkNamed } from './definitions.ts'
import { type Machine, withMachine } from './machine.ts'
import { isDefault } from './network-options.ts'
import { changeNetworkState, type NetworkState } from './state.ts'
import { sweepMembers } from './sweep.ts'

/**
 * Removes a network that no running container is on.
 * @returns its name
 * @throws {RunError} `NO_SUCH_NETWORK`, `NETWORK_IN_USE`, `INVALID_OPTION` for the default one, `NETWORK_FAILED`
 */
export async function removeNetwork(store: Store, nameOrId: string): Promise<string> {
  return await withMachine(`removing network ${nameOrId}`, (machine) =>
    changeNetworkState(store, async (state) => {
      const definition = await networkNamed(store, nameOrId)
      const { name } = definition
      if (isDefault(definition)) throw new RunError('INVALID_OPTION', `removing network ${name}: it is the default one`)
      await sweepMembers(machine, store, state)
      const users = membersOn(state, definition)
      if (users.length > 0)
        throw new RunError('NETWORK_IN_USE', `removing network ${name}: it is used by ${users.join(', ')}`, {
          hint: 'stop them, or take them off it with gocker network disconnect',
        })
      await forgetNetwork(machine, { store, definition }, state)
      return name
    }),
  )
}

/** Its bridge and rules first: what is left when that is cut short is found by its definition. */
export async function forgetNetwork(
  machine: Machine,
  { store, definition }: { store: Store; definition: NetworkDefinition },
  state: NetworkState,
): Promise<void> {
  const { id, name } = definition
  removeBridge(machine, { store, definition }, state)
  await store.networks.remove(name)
  await recordEvent(store, { type: 'network', action: 'destroy', id, attributes: { name, type: 'bridge' } })
}

/** The names of those that have an address on it. */
export function membersOn({ members }: NetworkState, { id }: NetworkDefinition): string[] {
  return Object.values(members).flatMap(({ name, endpoints }) => (endpoints.some(({ networkId }) => networkId === id) ? [name] : []))
}
