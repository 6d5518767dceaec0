import { createHash } from 'node:crypto'
import type { NetworkDefinition, Store } from '@gocker/store'
import { DEFAULT_NETWORK } from '../options/network.ts'
import { definedNetwork, networkNamed } from './definitions.ts'
import { withMachine } from './machine.ts'
import { changeNetworkState, type Endpoint, readNetworkState } from './state.ts'
import { rangeOf } from './subnets.ts'
import { isMemberThere } from './sweep.ts'

/** A network in docker's shape. @see https://docs.docker.com/reference/api/engine/version/v1.47/#tag/Network/operation/NetworkInspect */
export interface NetworkDescription {
  readonly Name: string
  readonly Id: string
  readonly Created: string
  readonly Scope: 'local'
  readonly Driver: 'bridge' | 'host' | 'null'
  readonly EnableIPv4: boolean
  readonly EnableIPv6: boolean
  readonly IPAM: { readonly Driver: 'default'; readonly Options: Readonly<Record<string, string>>; readonly Config: readonly Subnet[] }
  readonly Internal: boolean
  readonly Attachable: boolean
  readonly Ingress: boolean
  readonly Containers: Readonly<Record<string, ContainerOnNetwork>>
  readonly Options: Readonly<Record<string, string>>
  readonly Labels: Readonly<Record<string, string>>
}

interface Subnet {
  readonly Subnet: string
  readonly Gateway: string
  readonly IPRange?: string
}

interface ContainerOnNetwork {
  readonly Name: string
  readonly EndpointID: string
  readonly MacAddress: string
  readonly IPv4Address: string
  readonly IPv6Address: string
}

/** The networks that are there without having been made. */
const BUILT_IN = [
  { Name: 'host', Driver: 'host' },
  { Name: 'none', Driver: 'null' },
] as const

/**
 * All networks, by name: the default one, the host's and none too.
 * @throws {StoreError} `CORRUPT`
 */
export async function listNetworks(store: Store): Promise<NetworkDescription[]> {
  await defaultNetwork(store)
  const definitions = await store.networks.list()
  const described = await Promise.all(definitions.map((definition) => describe(store, definition)))
  return [...described, ...BUILT_IN.map(builtIn)].sort((a, b) => (a.Name < b.Name ? -1 : 1))
}

/**
 * @param nameOrId or the beginning of an id
 * @throws {RunError} `NO_SUCH_NETWORK`; {StoreError} `AMBIGUOUS_ID`
 */
export async function describeNetwork(store: Store, nameOrId: string): Promise<NetworkDescription> {
  const known = BUILT_IN.map(builtIn).find(({ Name, Id }) => nameOrId === Name || nameOrId === Id)
  if (known !== undefined) return known
  return await describe(store, nameOrId === DEFAULT_NETWORK ? await defaultNetwork(store) : await networkNamed(store, nameOrId))
}

/** A container's place on a network, as long as it is there. */
export function endpointId({ networkId, port }: Pick<Endpoint, 'networkId' | 'port'>): string {
  return createHash('sha256').update(`${networkId} ${port}`).digest('hex')
}

async function defaultNetwork(store: Store): Promise<NetworkDefinition> {
  const known = await store.networks.find(DEFAULT_NETWORK)
  if (known !== undefined) return known
  return await withMachine('defining the default network', (machine) =>
    changeNetworkState(store, () => definedNetwork(machine, store, DEFAULT_NETWORK)),
  )
}

async function describe(store: Store, definition: NetworkDefinition): Promise<NetworkDescription> {
  const { id, name, created, internal, subnets, options, labels } = definition
  return {
    ...empty(name, id),
    Created: created,
    EnableIPv6: subnets.some(({ subnet }) => rangeOf(subnet).family === 'ipv6'),
    IPAM: {
      Driver: 'default',
      Options: {},
      Config: subnets.map(({ subnet, gateway, range }) => ({
        Subnet: subnet,
        Gateway: gateway,
        ...(range !== undefined && { IPRange: range }),
      })),
    },
    Internal: internal,
    Containers: await containersOn(store, definition),
    Options: options,
    Labels: labels,
  }
}

async function containersOn(store: Store, { id }: NetworkDefinition): Promise<Record<string, ContainerOnNetwork>> {
  const found: Record<string, ContainerOnNetwork> = {}
  for (const member of Object.values(readNetworkState(store).members)) {
    const endpoint = member.endpoints.find(({ networkId }) => networkId === id)
    if (endpoint === undefined || !(await isMemberThere(store, member))) continue
    const { mac, address, address6 = '' } = endpoint
    found[member.id] = { Name: member.name, EndpointID: endpointId(endpoint), MacAddress: mac, IPv4Address: address, IPv6Address: address6 }
  }
  return found
}

function builtIn({ Name, Driver }: (typeof BUILT_IN)[number]): NetworkDescription {
  return { ...empty(Name, createHash('sha256').update(`gocker ${Name}`).digest('hex')), Driver }
}

function empty(Name: string, Id: string): NetworkDescription {
  return {
    Name,
    Id,
    Created: '0001-01-01T00:00:00Z',
    Scope: 'local',
    Driver: 'bridge',
    EnableIPv4: true,
    EnableIPv6: false,
    IPAM: { Driver: 'default', Options: {}, Config: [] },
    Internal: false,
    Attachable: false,
    Ingress: false,
    Containers: {},
    Options: {},
    Labels: {},
  }
}
