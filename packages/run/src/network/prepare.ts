import { closeSync, writeFileSync, writeSync } from 'node:fs'
import { pipe, processStartTime } from '@gocker/kernel'
import type { ContainerConfig } from '@gocker/oci'
import { type ContainerRecord, randomHex, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import { baseHosts } from '../files/write.ts'
import type { RunOptions } from '../options/container-options.ts'
import { DEFAULT_NETWORK, type EndpointOptions } from '../options/network.ts'
import { parseExposedPort } from '../options/port.ts'
import type { PublishRequest } from '../options/publish.ts'
import { GATE, portDescriptor } from '../program/gate.ts'
import type { NetworkFacts } from '../program/plan.ts'
import { takeAddress } from './addresses.ts'
import { definedNetwork, resolvesNames, withBridge } from './definitions.ts'
import { giveBack } from './give-back.ts'
import { holdPorts } from './hold-ports.ts'
import { joinMember } from './join.ts'
import { leaveNetworks } from './leave.ts'
import { macOf } from './mac.ts'
import { explained, type Machine, networkFailure, openMachine } from './machine.ts'
import { namesBlock, tellNames, withBlock } from './names.ts'
import { isDefault, mtuOption } from './network-options.ts'
import { changeNetworkState, type Endpoint, type Member, type NetworkState } from './state.ts'
import { prefixLength, rangeOf } from './subnets.ts'
import { sweepMembers } from './sweep.ts'

/** A container that is about to start. */
export interface Joining {
  readonly store: Store
  readonly record: Pick<ContainerRecord, 'id' | 'name'>
  readonly hostname: string
  readonly options: RunOptions
  readonly config: Pick<ContainerConfig, 'ExposedPorts'>
}

/** Addresses and ports that are a container's from before it starts. */
export interface PreparedNetworks {
  /** For the launch program: that it waits, and holds ports. */
  readonly facts?: NetworkFacts
  /** For the launch program, by the names that it has for them. */
  readonly descriptors: Readonly<Record<string, number>>
  /** Of the network namespace that it uses instead of one of its own. */
  readonly namespace?: string
  /**
   * Connects a container's namespace, and lets its program go on.
   * @param pid of its first process, which waits at the gate
   * @throws {RunError} `NETWORK_FAILED`
   */
  join(pid: number): void | Promise<void>
  /** Of this process's copies of the descriptors: a gate that was not opened by then ends the container. Once or more often. */
  close(): void
  /** When there was no start. */
  giveBack(): Promise<void>
}

/**
 * Takes addresses and ports for a container, before anything of it starts, and makes the bridges that are not there.
 * @throws {RunError} `NO_SUCH_NETWORK`, `PORT_TAKEN`, `ADDRESS_TAKEN`, `INVALID_OPTION`, `NETWORK_FAILED`
 */
export async function prepareNetworks(joining: Joining): Promise<PreparedNetworks> {
  const { store, record } = joining
  const what = `connecting container ${record.name}`
  const machine = explained(what, openMachine)
  const open = new Set<number>()
  const close = () => {
    machine.close()
    for (const descriptor of open) closeSync(descriptor)
    open.clear()
  }
  try {
    const { member, held } = await changeNetworkState(store, (state) => takeMember(machine, joining, state))
    for (const descriptor of held) open.add(descriptor)
    const gate = pipe()
    open.add(gate.read).add(gate.write)
    return {
      facts: { ports: held.length },
      descriptors: { [GATE]: gate.read, ...Object.fromEntries(held.map((descriptor, index) => [portDescriptor(index), descriptor])) },
      join(pid) {
        explained(what, () => joinMember(machine, member, pid))
        writeSync(gate.write, '!')
      },
      close,
      async giveBack() {
        close()
        await leaveNetworks(store, record.id)
      },
    }
  } catch (error) {
    close()
    throw networkFailure(what, error)
  }
}

async function takeMember(machine: Machine, joining: Joining, state: NetworkState): Promise<{ member: Member; held: readonly number[] }> {
  const { store, record, hostname, options } = joining
  await sweepMembers(machine, store, state)
  // A start before, that was cut short.
  giveBack(machine, { store, id: record.id }, state)
  const networks = requestedNetworks(options)
  const endpoints: Endpoint[] = []
  for (const [name, asked] of networks) {
    const own = { asked, device: `eth${endpoints.length}` }
    const endpoint = await takeEndpoint(machine, { store, name, ...own }, state)
    endpoints.push(endpoint)
  }
  const outside = endpoints.filter(({ internal }) => !internal)
  const requests = requestedPorts(joining)
  if (requests.length > 0 && outside.length === 0)
    throw new RunError('INVALID_OPTION', `publishing ports of container ${record.name}: it is on internal networks only`)
  const { ports, descriptors: held } = holdPorts(requests, { ipv6: outside.some(({ address6 }) => address6 !== undefined), state })
  const maker = { pid: process.pid, startTime: processStartTime(process.pid) }
  const member = { id: record.id, name: record.name, hostname, maker, endpoints, ports }
  state.members[record.id] = member
  writeNames(joining, member, state)
  return { member, held }
}

interface Taking {
  readonly store: Store
  readonly name: string
  readonly asked: EndpointOptions
  readonly device: string
}

/** An address on a network, whose bridge is there afterwards. */
export async function takeEndpoint(machine: Machine, { store, name, asked, device }: Taking, state: NetworkState): Promise<Endpoint> {
  const defined = await definedNetwork(machine, store, name)
  checkEndpoint(defined, asked)
  const { definition, bridge } = await withBridge(machine, { store, definition: defined }, state)
  const [first, second] = definition.subnets
  if (first === undefined) throw new RunError('NETWORK_FAILED', `using network ${name}: it has no subnet`)
  const address = takeAddress(state, first, asked.ip)
  const mtu = mtuOption(definition)
  return {
    network: definition.name,
    networkId: definition.id,
    bridge,
    port: `gk${randomHex(6)}`,
    device,
    mac: asked.mac ?? macOf(address),
    address: `${address}/${prefixLength(first.subnet)}`,
    gateway: first.gateway,
    internal: definition.internal,
    aliases: asked.aliases ?? [],
    ...(mtu !== undefined && { mtu }),
    ...(second !== undefined && {
      address6: `${takeAddress(state, second, asked.ip6)}/${prefixLength(second.subnet)}`,
      gateway6: second.gateway,
    }),
  }
}

function checkEndpoint(
  definition: Parameters<typeof isDefault>[0] & { subnets: readonly { chosen: boolean; subnet: string }[] },
  asked: EndpointOptions,
): void {
  const { name, subnets } = definition
  const refuse = (what: string, why: string, hint?: string) =>
    new RunError('INVALID_OPTION', `connecting to network ${name} with ${what}: ${why}`, hint === undefined ? {} : { hint })
  if ((asked.aliases ?? []).length > 0 && isDefault(definition))
    throw refuse(
      'an alias',
      'containers on the default network do not find each other by names',
      'create a network: gocker network create NAME',
    )
  for (const [ip, family] of [
    [asked.ip, 'ipv4'],
    [asked.ip6, 'ipv6'],
  ] as const) {
    if (ip === undefined) continue
    const subnet = subnets.find((other) => rangeOf(other.subnet).family === family)
    if (subnet === undefined) throw refuse(`address ${ip}`, 'it has no IPv6', 'create one that has: gocker network create --ipv6 NAME')
    if (subnet.chosen)
      throw refuse(`address ${ip}`, 'its subnet was chosen by gocker, and may change', 'create a network with a --subnet of your own')
  }
}

/** The main network first. */
function requestedNetworks({ network = DEFAULT_NETWORK, endpoints = {} }: RunOptions): [name: string, asked: EndpointOptions][] {
  const others = Object.entries(endpoints).filter(([name]) => name !== network)
  return [[network, endpoints[network] ?? {}], ...others]
}

/** All that are to be published. */
export function requestedPorts({ options, config }: Joining): PublishRequest[] {
  const { publish = [], publishAll = false, expose = [] } = options
  if (!publishAll) return [...publish]
  const exposed = [...Object.keys(config.ExposedPorts ?? {}).map(parseExposedPort), ...expose]
  const covers = (port: number, protocol: string) =>
    publish.some((request) => request.protocol === protocol && request.container.first <= port && port <= request.container.last)
  const all = new Map(
    exposed.flatMap(({ first, last, protocol }) =>
      Array.from({ length: last - first + 1 }, (_, offset) => first + offset).map(
        (port) => [`${port}/${protocol}`, { port, protocol }] as const,
      ),
    ),
  )
  const more = [...all.values()].filter(({ port, protocol }) => !covers(port, protocol))
  return [...publish, ...more.map(({ port, protocol }) => ({ protocol, container: { first: port, last: port } }))]
}

/** Its own file anew: the address by which it reaches the host is known only now. */
function writeNames({ store, options }: Joining, member: Member, state: NetworkState): void {
  const text = withBlock(baseHosts(options, member.endpoints[0]?.gateway), namesBlock(state, member))
  writeFileSync(store.paths.bundle(member.id).hosts, text, { mode: 0o644 })
  tellNames(
    store,
    state,
    member.endpoints.filter(resolvesNames).map(({ networkId }) => networkId),
  )
}
