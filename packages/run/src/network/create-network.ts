import { formatAddress, type IpFamily, KernelError, parseAddress, parsePrefix } from '@gocker/kernel'
import { type NetworkDefinition, type NetworkSubnet, randomHex, recordEvent, type Store } from '@gocker/store'
import { invalidOption, RunError } from '../error.ts'
import { DEFAULT_NETWORK, isBridged, parseNetworkName } from '../options/network.ts'
import { chooseSubnet, withBridge } from './definitions.ts'
import { type Machine, withMachine } from './machine.ts'
import { checkOptions } from './network-options.ts'
import { firstAddress, randomLocalSubnet } from './pools.ts'
import { changeNetworkState } from './state.ts'
import { canonicalPrefix, contains, overlaps, rangeOf } from './subnets.ts'
import { takenSubnets } from './taken-subnets.ts'

export interface CreateNetworkOptions {
  readonly store: Store
  readonly name: string
  /** `bridge` is the only one. */
  readonly driver?: string
  /** One of each version of IP at most; one of IPv4 is chosen where there is none. */
  readonly subnets?: readonly string[]
  /** Each in one of the subnets; the first address unless given. */
  readonly gateways?: readonly string[]
  /** Where containers get their addresses from, each in one of the subnets. */
  readonly ranges?: readonly string[]
  /** Has IPv6 also where no subnet of that is given: a local one is drawn. */
  readonly ipv6?: boolean
  /** Containers reach nothing but each other and the machine. */
  readonly internal?: boolean
  readonly labels?: Readonly<Record<string, string>>
  /** As docker's bridge driver has them: `com.docker.network.bridge.name`, `com.docker.network.driver.mtu`. */
  readonly options?: Readonly<Record<string, string>>
}

/**
 * Makes a network of containers' own, and its bridge.
 * @throws {RunError} `INVALID_OPTION`, `NETWORK_IN_USE` for a name that is taken, `ADDRESS_TAKEN`, `NETWORK_FAILED`
 */
export async function createNetwork(asked: CreateNetworkOptions): Promise<NetworkDefinition> {
  const { store, options = {} } = asked
  const name = checkName(asked.name)
  checkDriver(asked)
  checkOptions(options)
  const given = givenSubnets(asked)
  return await withMachine(`creating network ${name}`, (machine) =>
    changeNetworkState(store, async (state) => {
      if ((await store.networks.find(name)) !== undefined)
        throw new RunError('NETWORK_IN_USE', `creating network ${name}: there is one of this name already`)
      const definition = await define(machine, { ...asked, name }, given)
      await store.networks.put(definition)
      try {
        const made = await withBridge(machine, { store, definition }, state)
        await recordEvent(store, { type: 'network', action: 'create', id: definition.id, attributes: { name, type: 'bridge' } })
        return made.definition
      } catch (error) {
        await store.networks.remove(name)
        throw error
      }
    }),
  )
}

async function define(
  machine: Machine,
  { store, name, ipv6 = false, internal = false, labels = {}, options = {} }: CreateNetworkOptions,
  given: readonly NetworkSubnet[],
): Promise<NetworkDefinition> {
  const others = await store.networks.list()
  for (const { subnet } of given) checkFree(machine, others, subnet)
  const four = given.find(({ subnet }) => familyOf(subnet) === 'ipv4') ?? (await chooseSubnet(machine, store))
  const six = given.find(({ subnet }) => familyOf(subnet) === 'ipv6') ?? (ipv6 ? localSubnet() : undefined)
  const created = new Date().toISOString()
  return { id: randomHex(32), name, created, internal, subnets: six === undefined ? [four] : [four, six], labels, options }
}

function localSubnet(): NetworkSubnet {
  const subnet = canonicalPrefix(randomLocalSubnet())
  return { subnet, gateway: firstAddress(subnet), chosen: true }
}

function checkName(name: string): string {
  parseNetworkName(name)
  if (name !== DEFAULT_NETWORK && name !== 'default' && isBridged(name)) return name
  throw new RunError('INVALID_OPTION', `creating network ${name}: the name has a meaning of its own`)
}

function checkDriver({ driver = 'bridge' }: CreateNetworkOptions): void {
  if (driver !== 'bridge') throw invalidOption('network driver', driver, 'bridge is the only one there is')
}

/** Each with the gateway and the range that lie in it. */
function givenSubnets({ subnets = [], gateways = [], ranges = [] }: CreateNetworkOptions): NetworkSubnet[] {
  const known = subnets.map((text) => checked('subnet', text, canonicalPrefix))
  const families = known.map(familyOf)
  if (new Set(families).size < families.length)
    throw invalidOption('subnet', subnets.join(', '), 'a network has at most one subnet of each version of IP')
  for (const gateway of gateways) ownerOf('gateway', checked('gateway', gateway, addressOf), known)
  for (const range of ranges) ownerOf('range', checked('range', range, canonicalPrefix).split('/')[0] ?? '', known)
  return known.map((subnet) => {
    const gateway = gateways.map(addressOf).find((address) => contains(subnet, address))
    const range = ranges.map(canonicalPrefix).find((part) => contains(subnet, part.split('/')[0] ?? ''))
    if (range !== undefined) checkRange(range, subnet)
    return { subnet, gateway: gateway ?? firstAddress(subnet), chosen: false, ...(range !== undefined && { range }) }
  })
}

function ownerOf(what: string, address: string, subnets: readonly string[]): void {
  if (subnets.some((subnet) => contains(subnet, address))) return
  throw invalidOption(what, address, subnets.length === 0 ? 'it needs a --subnet that it is in' : `it is not in ${subnets.join(' or ')}`)
}

function checkRange(range: string, subnet: string): void {
  if (rangeOf(range).last > rangeOf(subnet).last) throw invalidOption('range', range, `it is larger than ${subnet}`)
}

function checkFree(machine: Machine, others: readonly NetworkDefinition[], subnet: string): void {
  const range = rangeOf(subnet)
  const other = others.find(({ subnets }) => subnets.some((one) => overlaps(rangeOf(one.subnet), range)))
  if (other !== undefined) throw new RunError('ADDRESS_TAKEN', `using subnet ${subnet}: it overlaps that of network ${other.name}`)
  if (takenSubnets(machine, []).some((one) => overlaps(one, range)))
    throw new RunError('ADDRESS_TAKEN', `using subnet ${subnet}: it overlaps a route of this machine`, { hint: 'ip route shows them' })
}

function familyOf(subnet: string): IpFamily {
  return parsePrefix(subnet).family
}

function addressOf(text: string): string {
  return formatAddress(parseAddress(text).bytes) ?? text
}

function checked(what: string, text: string, read: (text: string) => string): string {
  try {
    return read(text)
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    throw invalidOption(what, text, 'not of the form of 10.1.2.0/24, or of fd00:1::/64')
  }
}
