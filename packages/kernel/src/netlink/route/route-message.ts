import { decodeAttributes } from '../codec/attribute-reader.ts'
import { type Attribute, u32 } from '../codec/attributes.ts'
import { afterHeader, type NetlinkMessage } from '../codec/messages.ts'
import { formatAddress, type IpFamily, parseAddress, parsePrefix } from '../ip.ts'
import { AF, FAMILY_NUMBERS } from './message-types.ts'

/** Of the main table. */
export interface Route {
  /** `172.18.0.0/16`; the default routes are `0.0.0.0/0` and `::/0`. */
  readonly destination: string
  readonly family: IpFamily
  readonly gateway: string | undefined
  /** The index of the link by which packets leave. */
  readonly link: number | undefined
  /** The address that packets of the machine's own get. */
  readonly source: string | undefined
  readonly metric: number | undefined
}

/** A route as a request words it. */
export interface RouteMessage {
  readonly destination: string
  readonly gateway?: string | undefined
  readonly link?: number | undefined
  readonly source?: string | undefined
  readonly metric?: number | undefined
}

const RTA = { DST: 1, OIF: 4, GATEWAY: 5, PRIORITY: 6, PREFSRC: 7, TABLE: 15 } as const
const RT_TABLE_MAIN = 254
const RTPROT_STATIC = 4
const RT_SCOPE_UNIVERSE = 0
const RT_SCOPE_LINK = 253
const RTN_UNICAST = 1
export const ROUTE_HEADER_SIZE = 12

/** `struct rtmsg`. */
export function routeHeader({ destination, gateway }: RouteMessage): Buffer {
  const { family, length } = parsePrefix(destination)
  const scope = gateway === undefined && family === 'ipv4' ? RT_SCOPE_LINK : RT_SCOPE_UNIVERSE
  const header = Buffer.alloc(ROUTE_HEADER_SIZE)
  header.set([FAMILY_NUMBERS[family], length, 0, 0, RT_TABLE_MAIN, RTPROT_STATIC, scope, RTN_UNICAST])
  return header
}

export function routeAttributes({ destination, gateway, link, source, metric }: RouteMessage): Attribute[] {
  const { bytes, length } = parsePrefix(destination)
  return [
    ...(length === 0 ? [] : [{ type: RTA.DST, value: bytes }]),
    ...(gateway === undefined ? [] : [{ type: RTA.GATEWAY, value: parseAddress(gateway).bytes }]),
    ...(link === undefined ? [] : [u32(RTA.OIF, link)]),
    ...(source === undefined ? [] : [{ type: RTA.PREFSRC, value: parseAddress(source).bytes }]),
    ...(metric === undefined ? [] : [u32(RTA.PRIORITY, metric)]),
  ]
}

/**
 * @returns none of another table, of another kind than unicast, or of another family than IP's
 * @throws {KernelError} `EBADMSG`
 */
export function decodeRoute({ payload }: Pick<NetlinkMessage, 'payload'>): Route[] {
  const attributes = decodeAttributes(afterHeader(payload, ROUTE_HEADER_SIZE))
  const [family, length, , , table, , , kind] = payload
  if ((family !== AF.INET && family !== AF.INET6) || kind !== RTN_UNICAST) return []
  if ((attributes.u32(RTA.TABLE) ?? table) !== RT_TABLE_MAIN) return []
  const anywhere = Buffer.alloc(family === AF.INET ? 4 : 16)
  const address = (type: number): string | undefined => formatAddress(attributes.bytes(type) ?? Buffer.alloc(0))
  return [
    {
      destination: `${formatAddress(attributes.bytes(RTA.DST) ?? anywhere)}/${length}`,
      family: family === AF.INET ? 'ipv4' : 'ipv6',
      gateway: address(RTA.GATEWAY),
      link: attributes.u32(RTA.OIF),
      source: address(RTA.PREFSRC),
      metric: attributes.u32(RTA.PRIORITY),
    },
  ]
}
