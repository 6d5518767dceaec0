import {
  DEFAULT_NETWORK,
  type EndpointOptions,
  type NetworkRequest,
  parseIp,
  parseIp6,
  parseMacAddress,
  parseNetwork,
  parseNetworkAlias,
  RunError,
} from '@gocker/run'
import type { Command } from 'commander'
import { collect } from './option-values.ts'

interface NetworkFlags {
  readonly network?: readonly string[]
  readonly networkAlias?: readonly string[]
  readonly ip?: string
  readonly ip6?: string
  readonly macAddress?: string
  readonly link?: readonly string[]
}

/** What the flags come to: the first network, and how the container is on it and on others. */
interface RequestedNetworks {
  readonly network?: string
  readonly endpoints?: Readonly<Record<string, EndpointOptions>>
}

/** Their names. */
export const NETWORK_FLAGS = ['network', 'network-alias', 'ip', 'ip6', 'mac-address', 'link']

/** Adds the flags that say together on which networks a container is. */
export function addNetworkFlags(command: Command): void {
  command
    .optionsGroup('Network:')
    .option(
      '--network <network>',
      'bridge, host, none, container:NAME, a network, or one with its options: name=NETWORK,alias=NAME,ip=ADDRESS (also ip6, mac-address); for an ordinary user also pasta or slirp4netns',
      collect,
      [],
    )
    .option('--network-alias <name>', 'one more name on the network', collect, [])
    .option('--ip <address>', 'its IPv4 address on the network')
    .option('--ip6 <address>', 'its IPv6 address on the network')
    .option('--mac-address <address>', "its device's address, such as 02:42:ac:14:00:05")
    .option('--link <container>', "of docker's first days: not to be had", collect, [])
}

/**
 * Reads them: what is not said of a network is of the first one.
 * @throws {RunError} `INVALID_OPTION`
 */
export function networkOptions(flags: NetworkFlags): RequestedNetworks {
  const { network = [], link = [] } = flags
  if (link.length > 0)
    throw new RunError('INVALID_OPTION', `reading link ${JSON.stringify(link[0])}: there are no links`, {
      hint: 'containers on a network find each other by their names: gocker network create NAME, and --network NAME for both',
    })
  const [first = { name: DEFAULT_NETWORK }, ...others] = network.map(parseNetwork)
  const own = { ...withoutName(first), ...ownEndpoint(flags, first) }
  const named = [{ name: first.name, ...own }, ...others]
  const endpoints = named.filter((request, index) => index > 0 || Object.keys(request).length > 1)
  return {
    ...(network.length > 0 && { network: first.name }),
    ...(endpoints.length > 0 && { endpoints: Object.fromEntries(endpoints.map((request) => [request.name, withoutName(request)])) }),
  }
}

function ownEndpoint({ networkAlias = [], ip, ip6, macAddress }: NetworkFlags, { aliases = [] }: NetworkRequest): EndpointOptions {
  const names = [...aliases, ...networkAlias.map(parseNetworkAlias)]
  return {
    ...(names.length > 0 && { aliases: names }),
    ...(ip !== undefined && { ip: parseIp(ip) }),
    ...(ip6 !== undefined && { ip6: parseIp6(ip6) }),
    ...(macAddress !== undefined && { mac: parseMacAddress(macAddress) }),
  }
}

function withoutName({ name: _, ...endpoint }: NetworkRequest): EndpointOptions {
  return endpoint
}
