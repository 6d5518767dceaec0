import { addRoute, openNetlink } from '@gocker/kernel'
import { type ContainerRecord, isAlive, recordEvent, type Store } from '@gocker/store'
import { RunError } from '../error.ts'
import type { RunOptions } from '../options/container-options.ts'
import { DEFAULT_NETWORK, type EndpointOptions, isBridged } from '../options/network.ts'
import { networkNamed } from './definitions.ts'
import { giveBackEndpoint } from './give-back.ts'
import { connectEndpoint, gatewayOf, publishPorts } from './join.ts'
import { type Machine, withMachine } from './machine.ts'
import { tellMember, tellNames } from './names.ts'
import { takeEndpoint } from './prepare.ts'
import { changeNetworkState, type Endpoint, type Member, type NetworkState } from './state.ts'
import { sweepMembers } from './sweep.ts'

export interface Connection {
  readonly store: Store
  /** Name or id. */
  readonly network: string
  /** Name or id. */
  readonly container: string
}

/**
 * Puts a container on one more network: at once where it runs, and at each of its starts.
 * @throws {RunError} `NO_SUCH_NETWORK`, `INVALID_OPTION`, `ADDRESS_TAKEN`, `NETWORK_FAILED`; {StoreError} `NOT_FOUND`
 */
export async function connectNetwork({ store, network, container, ...asked }: Connection & EndpointOptions): Promise<void> {
  const what = `connecting container ${container} to network ${network}`
  await withHeld(store, container, async (record) => {
    const settings = record.options as RunOptions
    const { network: main = DEFAULT_NETWORK, endpoints = {} } = settings
    if (!isBridged(main)) throw new RunError('INVALID_OPTION', `${what}: its network is ${main}, which goes with no other`)
    await withMachine(what, (machine) =>
      changeNetworkState(store, async (state) => {
        const name = network === DEFAULT_NETWORK ? network : (await networkNamed(store, network)).name
        const pid = await runningPid(store, record)
        const member = state.members[record.id]
        if (name === main || name in endpoints || member?.endpoints.some((endpoint) => endpoint.network === name))
          throw new RunError('INVALID_OPTION', `${what}: it is on it already`)
        await sweepMembers(machine, store, state)
        if (pid !== undefined && member !== undefined) await connectRunning(machine, { store, name, asked, member, pid }, state)
        await store.containers.change(record.id, { options: { ...settings, endpoints: { ...endpoints, [name]: asked } } })
        await networkEvent(store, 'connect', { name, container: record.id })
      }),
    )
  })
}

/**
 * Takes a container off a network.
 * @throws {RunError} `NO_SUCH_NETWORK`, `INVALID_OPTION` where it is not on it, `NETWORK_FAILED`; {StoreError} `NOT_FOUND`
 */
export async function disconnectNetwork({ store, network, container }: Connection): Promise<void> {
  const what = `disconnecting container ${container} from network ${network}`
  await withHeld(store, container, async (record) => {
    const settings = record.options as RunOptions
    const { network: main = DEFAULT_NETWORK, endpoints = {} } = settings
    await withMachine(what, (machine) =>
      changeNetworkState(store, async (state) => {
        const { name } = await networkNamed(store, network)
        if (name !== main && !(name in endpoints)) throw new RunError('INVALID_OPTION', `${what}: it is not on it`)
        const pid = await runningPid(store, record)
        const member = state.members[record.id]
        const endpoint = member?.endpoints.find((one) => one.network === name)
        if (pid !== undefined && member !== undefined && endpoint !== undefined)
          disconnectRunning(machine, { store, member, endpoint, pid }, state)
        await store.containers.change(record.id, { options: { ...settings, ...without(name, main, endpoints) } })
        await networkEvent(store, 'disconnect', { name, container: record.id })
      }),
    )
  })
}

async function withHeld(store: Store, container: string, work: (record: ContainerRecord) => Promise<void>): Promise<void> {
  const { id } = await store.containers.get(container)
  await store.containers.hold(id, async () => work(await store.containers.get(id)))
}

async function runningPid(store: Store, { id }: ContainerRecord): Promise<number | undefined> {
  const state = await store.containers.readState(id)
  return state !== undefined && isAlive(state) ? state.pid : undefined
}

interface Running {
  readonly store: Store
  readonly member: Member
  readonly pid: number
}

async function connectRunning(
  machine: Machine,
  { store, name, asked, member, pid }: Running & { name: string; asked: EndpointOptions },
  state: NetworkState,
): Promise<void> {
  const endpoint = await takeEndpoint(machine, { store, name, asked, device: freeDevice(member) }, state)
  const endpoints = [...member.endpoints, endpoint]
  const changed = { ...member, endpoints }
  state.members[member.id] = changed
  const inside = openNetlink({ protocol: 'route', namespace: `/proc/${pid}/ns/net` })
  try {
    connectEndpoint(machine, inside, { endpoint, pid, hairpin: member.ports.length > 0 })
    for (const version of ['gateway', 'gateway6'] as const) {
      const gateway = gatewayOf(endpoints, version)
      if (gateway !== undefined && gatewayOf(member.endpoints, version) === undefined)
        addRoute(inside, { destination: version === 'gateway' ? '0.0.0.0/0' : '::/0', gateway })
    }
  } catch (error) {
    giveBackEndpoint(machine, { store, member: changed, endpoint }, state)
    throw error
  } finally {
    inside.close()
  }
  publishPorts(machine, changed)
  tellNames(store, state, [endpoint.networkId])
}

function disconnectRunning(
  machine: Machine,
  { store, member, endpoint, pid }: Running & { endpoint: Endpoint },
  state: NetworkState,
): void {
  const rest = giveBackEndpoint(machine, { store, member, endpoint }, state)
  const inside = openNetlink({ protocol: 'route', namespace: `/proc/${pid}/ns/net` })
  try {
    for (const version of ['gateway', 'gateway6'] as const) {
      const gateway = gatewayOf(rest.endpoints, version)
      // The route by way of the device went with it.
      if (gateway !== undefined && gatewayOf(member.endpoints, version) !== gateway)
        addRoute(inside, { destination: version === 'gateway' ? '0.0.0.0/0' : '::/0', gateway })
    }
  } finally {
    inside.close()
  }
  publishPorts(machine, rest)
  tellMember(store, state, rest)
}

function freeDevice({ endpoints }: Member): string {
  const taken = new Set(endpoints.map(({ device }) => device))
  let number = 0
  while (taken.has(`eth${number}`)) number++
  return `eth${number}`
}

/** Where the main network goes, the next one is that, or none. */
function without(
  name: string,
  main: string,
  endpoints: Readonly<Record<string, EndpointOptions>>,
): Pick<RunOptions, 'network' | 'endpoints'> {
  const rest = Object.fromEntries(Object.entries(endpoints).filter(([other]) => other !== name))
  return { endpoints: rest, network: name === main ? (Object.keys(rest)[0] ?? 'none') : main }
}

async function networkEvent(
  store: Store,
  action: 'connect' | 'disconnect',
  { name, container }: { name: string; container: string },
): Promise<void> {
  const id = (await store.networks.find(name))?.id ?? name
  await recordEvent(store, { type: 'network', action, id, attributes: { name, container, type: 'bridge' } })
}
