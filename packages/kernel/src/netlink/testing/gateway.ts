import { writeFileSync } from 'node:fs'
import type { TestContext } from 'node:test'
import { inNetworkNamespace } from '../namespace.ts'
import { commitChanges } from '../nftables/commit-changes.ts'
import type { TableName } from '../nftables/message.ts'
import { admitPublished } from '../nftables/rules/admit-published.ts'
import { gatewayTable } from '../nftables/rules/gateway-table.ts'
import { isolateBridge } from '../nftables/rules/isolate-bridge.ts'
import { masqueradeSubnet } from '../nftables/rules/masquerade-subnet.ts'
import { addRule, type Rule } from '../nftables/rules.ts'
import { addAddress } from '../route/addresses.ts'
import { changeLink } from '../route/change-link.ts'
import { createBridge } from '../route/create-bridge.ts'
import { createVeth } from '../route/create-veth.ts'
import { addRoute } from '../route/routes.ts'
import type { NetlinkSocket } from '../socket.ts'
import { makeNamespace, type TestNamespace } from './namespaces.ts'

/** A machine between a world and two bridges, each in a namespace of its own. */
export interface Gateway {
  readonly world: TestNamespace
  readonly machine: TestNamespace
  /** Two on the first bridge, ... */
  readonly first: TestNamespace
  readonly second: TestNamespace
  /** ... and one on the other. */
  readonly other: TestNamespace
  readonly netfilter: NetlinkSocket<'netfilter'>
  readonly route: NetlinkSocket<'route'>
  add(rules: readonly Rule[]): void
}

export const TABLE: TableName = { family: 'inet', name: 'gocker' }

export const ADDRESSES = {
  world: '192.0.2.2',
  world6: '2001:db8::2',
  machine: '192.0.2.1',
  machine6: '2001:db8::1',
  first: '10.88.0.2',
  first6: 'fd88::2',
  second: '10.88.0.3',
  second6: 'fd88::3',
  other: '10.89.0.2',
  other6: 'fd89::2',
} as const

const BRIDGES = [
  { name: 'gk0', v4: '10.88.0', v6: 'fd88::' },
  { name: 'gk1', v4: '10.89.0', v6: 'fd89::' },
] as const

/** With the rules that every bridge has. */
export async function makeGateway(t: TestContext): Promise<Gateway> {
  const names = ['world', 'machine', 'first', 'second', 'other'] as const
  const namespaces = await Promise.all(names.map((name) => makeNamespace(t, name)))
  const [world, machine, first, second, other] = namespaces as [TestNamespace, TestNamespace, TestNamespace, TestNamespace, TestNamespace]
  const netfilter = machine.open('netfilter')
  const route = machine.open('route')
  const add = (rules: readonly Rule[]): void =>
    commitChanges(
      netfilter,
      rules.map((rule) => addRule(TABLE, rule)),
    )
  connectWorld(world, machine, route)
  for (const bridge of BRIDGES) addBridge(route, bridge)
  addContainer(route, first, { bridge: BRIDGES[0], number: 2 })
  addContainer(route, second, { bridge: BRIDGES[0], number: 3 })
  addContainer(route, other, { bridge: BRIDGES[1], number: 2 })
  commitChanges(netfilter, gatewayTable(TABLE))
  for (const bridge of BRIDGES) add(bridgeRules(bridge))
  return { world, machine, first, second, other, netfilter, route, add }
}

function connectWorld(world: TestNamespace, machine: TestNamespace, route: NetlinkSocket<'route'>): void {
  createVeth(route, { name: 'uplink', peer: { name: 'eth0', namespace: { pid: world.pid } } })
  changeLink(route, 'uplink', { ipv6LinkLocal: false })
  changeLink(route, 'uplink', { up: true })
  changeLink(route, 'lo', { up: true })
  addAddress(route, 'uplink', 'fe80::1/64')
  addAddress(route, 'uplink', `${ADDRESSES.machine}/24`)
  addAddress(route, 'uplink', `${ADDRESSES.machine6}/64`)
  const outside = world.open('route')
  bringUp(outside, [`${ADDRESSES.world}/24`, `${ADDRESSES.world6}/64`])
  // The world knows how to reach containers, and is not to get there.
  addRoute(outside, { destination: '10.0.0.0/8', gateway: ADDRESSES.machine })
  addRoute(outside, { destination: 'fd00::/8', gateway: ADDRESSES.machine6 })
  inNetworkNamespace(machine.path, () => {
    writeFileSync('/proc/sys/net/ipv4/ip_forward', '1')
    writeFileSync('/proc/sys/net/ipv6/conf/all/forwarding', '1')
  })
}

function addBridge(route: NetlinkSocket<'route'>, { name, v4, v6 }: (typeof BRIDGES)[number]): void {
  createBridge(route, { name })
  changeLink(route, name, { routeLocalnet: true, ipv6LinkLocal: false })
  changeLink(route, name, { up: true })
  addAddress(route, name, 'fe80::1/64')
  addAddress(route, name, `${v4}.1/24`)
  addAddress(route, name, `${v6}1/64`)
}

function addContainer(
  route: NetlinkSocket<'route'>,
  container: TestNamespace,
  { bridge: { name, v4, v6 }, number }: { bridge: (typeof BRIDGES)[number]; number: number },
): void {
  const port = `${name}p${number}`
  createVeth(route, { name: port, master: name, up: true, peer: { name: 'eth0', namespace: { pid: container.pid } } })
  changeLink(route, port, { hairpin: true })
  const inside = container.open('route')
  bringUp(inside, [`${v4}.${number}/24`, `${v6}${number}/64`])
  addRoute(inside, { destination: '0.0.0.0/0', gateway: `${v4}.1` })
  addRoute(inside, { destination: '::/0', gateway: `${v6}1` })
}

function bringUp(socket: NetlinkSocket<'route'>, addresses: readonly string[]): void {
  changeLink(socket, 'lo', { up: true })
  changeLink(socket, 'eth0', { up: true })
  for (const address of addresses) addAddress(socket, 'eth0', address)
}

function bridgeRules({ name: bridge, v4, v6 }: (typeof BRIDGES)[number]): Rule[] {
  const subnets = [`${v4}.0/24`, `${v6}/64`]
  return [
    ...isolateBridge({ bridge, comment: bridge }),
    ...subnets.flatMap((subnet) => [
      ...masqueradeSubnet({ bridge, subnet, comment: bridge }),
      ...admitPublished({ bridge, subnet, comment: bridge }),
    ]),
  ]
}
