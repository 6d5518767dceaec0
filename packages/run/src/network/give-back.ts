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

/** Ends one of a container's connections to networks. @returns what is left of them */
export function giveBackEndpoint(machine: Machine, { store, member, endpoint }: Leaving, state: NetworkState): Member {
  deleteLink(machine.route, endpoint.port)
  const rest = { ...member, endpoints: member.endpoints.filter(({ port }) => port !== endpoint.port) }
  state.members[member.id] = rest
  tellNames(store, state, [endpoint.networkId])
  return rest
}

interface Leaving {
  readonly store: Store
  readonly member: Member
  readonly endpoint: Endpoint
}

function unpublish(machine: Machine, { id, ports, endpoints }: Member): void {
  if (ports.length === 0) return
  removePortRules(machine, id)
  // A client that goes on sending from the same port would be sent to the old address for ever.
  if (!ports.some(({ protocol }) => protocol === 'udp')) return
  for (const { address, address6 } of endpoints)
    for (const own of [address, address6]) if (own !== undefined) forgetConnections(machine.netfilter, own.split('/')[0] ?? '')
}

export function removePortRules({ netfilter }: Machine, id: string): void {
  removeRules(netfilter, TABLE, ({ comment }) => ownerOfRule(comment)?.container === id.slice(0, 12))
}

/** On each rule for a port of a container. */
export function portMark(id: string, { networkId }: Endpoint): string {
  return `container ${id.slice(0, 12)} network ${networkId.slice(0, 12)}`
}

/** Whose a rule is that has portMark; undefined of any other. */
export function ownerOfRule(comment: string | undefined): { container: string; network: string } | undefined {
  const [, container, network] = /^container (\w{12}) network (\w{12})$/.exec(comment ?? '') ?? []
  return container === undefined || network === undefined ? undefined : { container, network }
}

function isShared({ members }: NetworkState, id: string): boolean {
  return Object.values(members).some(({ sharedFrom }) => sharedFrom === id)
}
