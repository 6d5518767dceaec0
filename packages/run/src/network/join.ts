import {
  addAddress,
  addRoute,
  addRule,
  changeLink,
  commitChanges,
  createVeth,
  deleteLink,
  getLink,
  type NetlinkSocket,
  openNetlink,
  publishPort,
  type Rule,
} from '@gocker/kernel'
import { portMark, removePortRules } from './give-back.ts'
import { type Machine, TABLE } from './machine.ts'
import type { Endpoint, Member, PublishedPort } from './state.ts'
import { rangeOf } from './subnets.ts'

/** Milliseconds. */
const LONGEST_SETTLING = 100

/**
 * Connects the network namespace of a process to the networks where a container has its addresses, and leads its ports there.
 * @throws {KernelError}; what has been made by then is undone by giveBack, and by the end of the namespace
 */
export function joinMember(machine: Machine, member: Member, pid: number): void {
  const { endpoints, ports } = member
  const inside = openNetlink({ protocol: 'route', namespace: `/proc/${pid}/ns/net` })
  try {
    for (const endpoint of endpoints) connectEndpoint(machine, inside, { endpoint, pid, hairpin: ports.length > 0 })
    const [first, first6] = [gatewayOf(endpoints, 'gateway'), gatewayOf(endpoints, 'gateway6')]
    if (first !== undefined) addRoute(inside, { destination: '0.0.0.0/0', gateway: first })
    if (first6 !== undefined) addRoute(inside, { destination: '::/0', gateway: first6 })
  } finally {
    inside.close()
  }
  publishPorts(machine, member)
}

/** Leads a container's ports to the address that it has by now. */
export function publishPorts(machine: Machine, { id, endpoints, ports }: Pick<Member, 'id' | 'endpoints' | 'ports'>): void {
  if (ports.length === 0) return
  removePortRules(machine, id)
  const rules = ports.flatMap((port) => portRules(port, { id, endpoints }))
  commitChanges(
    machine.netfilter,
    rules.map((rule) => addRule(TABLE, rule)),
  )
}

interface Wire {
  readonly endpoint: Endpoint
  readonly pid: number
  /** The container may want to reach its own published ports. */
  readonly hairpin: boolean
}

/** A wire from the bridge into the namespace, and the container's address at its end. */
export function connectEndpoint({ route }: Machine, inside: NetlinkSocket<'route'>, { endpoint, pid, hairpin }: Wire): void {
  const { port, device, mac, bridge, address, address6, mtu } = endpoint
  const size = mtu === undefined ? {} : { mtu }
  createVeth(route, { name: port, master: bridge, up: true, ...size, peer: { name: device, mac, ...size, namespace: { pid } } })
  try {
    if (hairpin) changeLink(route, port, { hairpin })
    changeLink(inside, device, { up: true, ipv6LinkLocal: address6 !== undefined })
    addAddress(inside, device, address)
    if (address6 !== undefined) addAddress(inside, device, address6)
    untilOperational(route, port)
  } catch (error) {
    deleteLink(route, port)
    throw error
  }
}

/** The bridge drops what comes by a port before: the first packet would be sent again only after a second. It is so at once, mostly. */
function untilOperational(route: NetlinkSocket<'route'>, port: string): void {
  const end = performance.now() + LONGEST_SETTLING
  while (!getLink(route, port).operational && performance.now() < end);
}

/** Of the first network that leads out. */
export function gatewayOf(endpoints: readonly Endpoint[], version: 'gateway' | 'gateway6'): string | undefined {
  return endpoints.find((endpoint) => !endpoint.internal && endpoint[version] !== undefined)?.[version]
}

function portRules(
  { protocol, hostAddress, hostPort, containerPort }: PublishedPort,
  { id, endpoints }: Pick<Member, 'id' | 'endpoints'>,
): Rule[] {
  const { family, first, last } = rangeOf(hostAddress)
  const isAll = first === 0n && last === 0n
  const version = family === 'ipv4' ? 'address' : 'address6'
  const endpoint = endpoints.find((one) => !one.internal && one[version] !== undefined)
  const containerAddress = endpoint?.[version]?.split('/')[0]
  if (endpoint === undefined || containerAddress === undefined) return []
  return publishPort({
    protocol,
    hostPort,
    containerPort,
    containerAddress,
    ...(!isAll && { hostAddress }),
    comment: portMark(id, endpoint),
  })
}
