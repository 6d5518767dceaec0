import { deleteLink, forgetConnections, removeRules } from '@gocker/kernel'
import type { Store } from '@gocker/store'
import { type Machine, TABLE } from './machine.ts'
import { tellNames } from './names.ts'
import type { Endpoint, Member, NetworkState } from './state.ts'

/** The undo of takeNetworks and joinNetworks, whatever of them has been done; nothing happens when it is undone already. */
export function giveBack(machine: Machine, { store, id }: { store: Store; id: string }, state: NetworkState): void {
  const member = state.members[id]
  if (member === undefined) return
  unpublish(machine, member)
  // Its wires end with its namespace, in the kernel's own time; not where others still use that.
  if (isShared(state, id)) for (const { port } of member.endpoints) deleteLink(machine.route, port)
  delete state.members[id]
  tellNames(
    store,
    state,
    member.endpoints.map(({ networkId }) => networkId),
  )
}

/** Ends one of a container's connections to networks. */
export function giveBackEndpoint(machine: Machine, { store, member, endpoint }: Leaving, state: NetworkState): void {
  deleteLink(machine.route, endpoint.port)
  const endpoints = member.endpoints.filter((other) => other !== endpoint)
  state.members[member.id] = { ...member, endpoints }
  tellNames(store, state, [endpoint.networkId])
}

interface Leaving {
  readonly store: Store
  readonly member: Member
  readonly endpoint: Endpoint
}

export function unpublish(machine: Machine, { id, ports, endpoints }: Member): void {
  if (ports.length === 0) return
  removeRules(machine.netfilter, TABLE, ({ comment }) => comment === containerMark(id))
  // A client that goes on sending from the same port would be sent to the old address for ever.
  if (!ports.some(({ protocol }) => protocol === 'udp')) return
  for (const { address, address6 } of endpoints)
    for (const own of [address, address6]) if (own !== undefined) forgetConnections(machine.netfilter, own.split('/')[0] ?? '')
}

/** On each of a container's rules. */
export function containerMark(id: string): string {
  return `container ${id.slice(0, 12)}`
}

function isShared({ members }: NetworkState, id: string): boolean {
  return Object.values(members).some(({ sharedFrom }) => sharedFrom === id)
}
