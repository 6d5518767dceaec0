import { type Attribute, text, u8, u32 } from '../codec/attributes.ts'
import { request } from '../exchange.ts'
import type { NetlinkSocket } from '../socket.ts'
import { linkIndex } from './link.ts'
import { deviceAttributes, IFLA, IFLA_INFO, type LinkName, type LinkNamespace, linkHeader, namespaceAttribute } from './link-message.ts'
import { AF, RTM } from './message-types.ts'

const IFLA_BRPORT_MODE = 4
const IFLA_INET_CONF = 1
const IFLA_INET6_ADDR_GEN_MODE = 8
const GENERATION_MODES = { eui64: 0, none: 1 } as const
const IPV4_DEVCONF_ROUTE_LOCALNET = 26

/** What is left out stays as it is. */
export interface LinkChanges {
  readonly up?: boolean
  readonly name?: string
  readonly mac?: string
  /** Bytes. */
  readonly mtu?: number
  /** The bridge whose port it becomes; null ends that. */
  readonly master?: LinkName | null
  /** Moves it there; it arrives down, and without addresses. */
  readonly namespace?: LinkNamespace
  /** Free text, at most 255 bytes, that `ip link` shows. */
  readonly alias?: string
  /** Of a bridge's port: whether packets may leave by the port they came from, as a container's to its own published port do. */
  readonly hairpin?: boolean
  /** Whether 127.0.0.0/8 may be routed over it. Also lets neighbours send there: see guardBridge. */
  readonly routeLocalnet?: boolean
  /**
   * Whether it gives itself an IPv6 link-local address when it is brought up next. For more than a second, while it looks for
   * duplicates, a bridge with one finds no neighbours; one that addAddress gave it (`fe80::1/64`) serves at once.
   */
  readonly ipv6LinkLocal?: boolean
}

/**
 * @throws {KernelError} `ENODEV`, or what the change met
 * @see ip-link(8), ip-sysctl's route_localnet
 */
export function changeLink(socket: NetlinkSocket<'route'>, link: LinkName, changes: LinkChanges): void {
  request(socket, {
    type: RTM.NEWLINK,
    header: linkHeader({ index: linkIndex(socket, link), up: changes.up }),
    attributes: [
      ...deviceAttributes(changes),
      ...placeAttributes(changes),
      ...masterAttribute(socket, changes.master),
      ...protocolAttributes(changes),
    ],
    what: `setlink ${link}`,
  })
}

function placeAttributes({ alias, namespace }: LinkChanges): Attribute[] {
  return [
    ...(alias === undefined ? [] : [{ type: IFLA.IFALIAS, value: Buffer.from(alias) }]),
    ...(namespace === undefined ? [] : [namespaceAttribute(namespace)]),
  ]
}

function masterAttribute(socket: NetlinkSocket<'route'>, master: LinkName | null | undefined): Attribute[] {
  if (master === undefined) return []
  return [u32(IFLA.MASTER, master === null ? 0 : linkIndex(socket, master))]
}

function protocolAttributes({ hairpin, routeLocalnet, ipv6LinkLocal }: LinkChanges): Attribute[] {
  const families = [
    ...(routeLocalnet === undefined ? [] : [ipv4Setting(IPV4_DEVCONF_ROUTE_LOCALNET, routeLocalnet)]),
    ...(ipv6LinkLocal === undefined ? [] : [generationMode(ipv6LinkLocal ? 'eui64' : 'none')]),
  ]
  return [
    ...(hairpin === undefined ? [] : [portSetting(IFLA_BRPORT_MODE, hairpin)]),
    ...(families.length === 0 ? [] : [{ type: IFLA.AF_SPEC, value: families }]),
  ]
}

function portSetting(setting: number, on: boolean): Attribute {
  const value = [u8(setting, on ? 1 : 0)]
  return { type: IFLA.LINKINFO, value: [text(IFLA_INFO.SLAVE_KIND, 'bridge'), { type: IFLA_INFO.SLAVE_DATA, value }] }
}

function generationMode(mode: keyof typeof GENERATION_MODES): Attribute {
  return { type: AF.INET6, value: [u8(IFLA_INET6_ADDR_GEN_MODE, GENERATION_MODES[mode])] }
}

function ipv4Setting(setting: number, on: boolean): Attribute {
  return { type: AF.INET, value: [{ type: IFLA_INET_CONF, value: [u32(setting, on ? 1 : 0)] }] }
}
