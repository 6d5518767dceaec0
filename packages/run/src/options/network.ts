import { invalidOption } from '../error.ts'
import { splitCommas } from './comma-separated.ts'
import { isIP } from './ip-address.ts'
import { splitKeyValue } from './key-value.ts'

/**
 * `none`: a network of its own with loopback alone. `host`: the host's. `bridge`: the default one. `container:<name or id>`: that
 * container's. Anything else: the network of that name.
 */
export type Network = string

/** How a container is on a network. */
export interface EndpointOptions {
  /** By which others on the network find it, beside its name. */
  readonly aliases?: readonly string[]
  readonly ip?: string
  readonly ip6?: string
  readonly mac?: string
}

/** What one `--network` says. */
export interface NetworkRequest extends EndpointOptions {
  readonly name: Network
}

/** What a container is on unless it is told. */
export const DEFAULT_NETWORK = 'bridge'

const SHARED = 'container:'

/** Of a mode `container:<name or id>`, the container. */
export function sharedContainer(network: Network | undefined): string | undefined {
  return network?.startsWith(SHARED) === true ? network.slice(SHARED.length) : undefined
}

/** Whether the container gets addresses on networks of gocker's. */
export function isBridged(network: Network = DEFAULT_NETWORK): boolean {
  return network !== 'none' && network !== 'host' && sharedContainer(network) === undefined
}

/**
 * Reads `none`, `host`, `bridge` (and docker's other name for that, `default`), `container:web`, `backend`, and
 * `name=backend,alias=db,alias=store,ip=172.20.0.5,ip6=fd00::5,mac-address=02:42:ac:14:00:05`.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseNetwork(text: string): NetworkRequest {
  if (text.includes('=')) return parseFields(text)
  if (text.startsWith(SHARED)) {
    if (text === SHARED) throw invalidOption('network', text, 'no container is named')
    return { name: text }
  }
  return { name: networkName(text, text) }
}

/** @throws {RunError} `INVALID_OPTION` */
export function parseNetworkName(text: string): string {
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(text)) return text
  throw invalidOption('network name', text, 'it must begin with a letter or digit, and go on with those, _, . and -')
}

/** @throws {RunError} `INVALID_OPTION` */
export function parseIp(text: string): string {
  if (isIP(text) === 4) return text
  throw invalidOption('ip', text, 'not an IPv4 address')
}

/** @throws {RunError} `INVALID_OPTION` */
export function parseIp6(text: string): string {
  if (isIP(text) === 6 && !text.includes('%')) return text
  throw invalidOption('ip6', text, 'not an IPv6 address')
}

/** Of a resolver. @throws {RunError} `INVALID_OPTION` */
export function parseNameServer(text: string): string {
  if (isIP(text) !== 0) return text
  throw invalidOption('name server', text, 'not an IP address')
}

/** @throws {RunError} `INVALID_OPTION` */
export function parseMacAddress(text: string): string {
  const first = Number.parseInt(text.slice(0, 2), 16)
  if (!/^[\da-f]{2}([:-][\da-f]{2}){5}$/i.test(text)) throw invalidOption('MAC address', text, 'not of the form 02:42:ac:14:00:05')
  if ((first & 1) !== 0) throw invalidOption('MAC address', text, 'it is a group address, which no device can have')
  return text.toLowerCase().replaceAll('-', ':')
}

/** @throws {RunError} `INVALID_OPTION` */
export function parseNetworkAlias(text: string): string {
  if (/^[a-zA-Z0-9_][a-zA-Z0-9_.-]*$/.test(text)) return text
  throw invalidOption('network alias', text, 'not a host name')
}

function networkName(name: string, text: string): Network {
  if (name === 'default') return DEFAULT_NETWORK
  if (/^[a-zA-Z0-9][a-zA-Z0-9_.-]*$/.test(name)) return name
  throw invalidOption('network', text, 'neither bridge, host, none, container:NAME nor the name of a network')
}

function parseFields(text: string): NetworkRequest {
  const aliases: string[] = []
  const found: { name?: string; ip?: string; ip6?: string; mac?: string } = {}
  for (const field of splitCommas(text, 'network')) {
    const { key, value = '' } = splitKeyValue(field)
    if (key === 'name') found.name = networkName(value, text)
    else if (key === 'alias') aliases.push(parseNetworkAlias(value))
    else if (key === 'ip') found.ip = parseIp(value)
    else if (key === 'ip6') found.ip6 = parseIp6(value)
    else if (key === 'mac-address') found.mac = parseMacAddress(value)
    else throw invalidOption('network', text, `no field is called ${key}`, 'there are name, alias, ip, ip6 and mac-address')
  }
  const { name, ...rest } = found
  if (name === undefined) throw invalidOption('network', text, 'no network is named', 'begin with name=NETWORK')
  return { name, ...rest, ...(aliases.length > 0 && { aliases }) }
}
