import { type Attribute, text, u8, u32 } from '../codec/attributes.ts'
import { request } from '../exchange.ts'
import type { NetlinkSocket } from '../socket.ts'
import { linkIndex } from './link.ts'
import { deviceAttributes, IFLA, IFLA_INFO, type LinkName, type LinkNamespace, linkHeader, namespaceAttribute } from './link-message.ts'
import { AF, RTM } from './message-types.ts'

const IFLA_BRPORT_MODE = 4
const IFLA_INET_CONF = 1
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

function protocolAttributes({ hairpin, routeLocalnet }: LinkChanges): Attribute[] {
  const attributes: Attribute[] = []
  if (hairpin !== undefined)
    attributes.push({
      type: IFLA.LINKINFO,
      value: [text(IFLA_INFO.SLAVE_KIND, 'bridge'), { type: IFLA_INFO.SLAVE_DATA, value: [u8(IFLA_BRPORT_MODE, hairpin ? 1 : 0)] }],
    })
  if (routeLocalnet !== undefined) attributes.push({ type: IFLA.AF_SPEC, value: [ipv4Setting(IPV4_DEVCONF_ROUTE_LOCALNET, routeLocalnet)] })
  return attributes
}

function ipv4Setting(setting: number, on: boolean): Attribute {
  return { type: AF.INET, value: [{ type: IFLA_INET_CONF, value: [u32(setting, on ? 1 : 0)] }] }
}
