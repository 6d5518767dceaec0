import { inUserNamespace } from '@gocker/kernel'
import type { Store } from '@gocker/store'
import type { LeaveOptions } from '../network/leave.ts'
import type { PreparedNetworks } from '../network/prepare.ts'
import { type JoinedNetworks, readNetworkState } from '../network/state.ts'
import { isBridged, sharedContainer } from '../options/network.ts'
import type { ContainerParts } from './container.ts'

/*
 * What makes networks is loaded for those containers alone that are on one.
 */

/** @returns undefined where there is nothing to take, and nothing to wait for */
export async function takeNetworks({ store, record, spec, stack, options }: ContainerParts): Promise<PreparedNetworks | undefined> {
  const joining = { store, record, hostname: spec.hostname ?? '', options, config: stack.config }
  if (sharedContainer(options.network) !== undefined) return await (await import('../network/share.ts')).shareNetwork(joining)
  if (isBridged(options.network) && inUserNamespace())
    return await (await import('../network/user/user-network.ts')).prepareUserNetwork(joining)
  return isBridged(options.network) ? await (await import('../network/prepare.ts')).prepareNetworks(joining) : undefined
}

/**
 * Gives back what a container has on networks, as often as one likes.
 * @throws {RunError} `NETWORK_FAILED`
 */
export async function releaseNetworks(store: Store, id: string, options: LeaveOptions = {}): Promise<void> {
  if (readNetworkState(store).members[id] === undefined) return
  if (inUserNamespace()) await (await import('../network/user/user-network.ts')).leaveUserNetwork(store, id)
  else await (await import('../network/leave.ts')).leaveNetworks(store, id, options)
}

/** To be called when a container has another name: others on its networks find it by that. */
export async function renameOnNetworks(store: Store, id: string, name: string): Promise<void> {
  if (readNetworkState(store).members[id] !== undefined) await (await import('../network/rename-member.ts')).renameMember(store, id, name)
}

/** What a container has on networks just now: addresses, and ports of the machine. */
export function joinedNetworks(store: Store, id: string): JoinedNetworks | undefined {
  return readNetworkState(store).members[id]
}
