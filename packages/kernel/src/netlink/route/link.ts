import { type AttributeReader, decodeAttributes } from '../codec/attribute-reader.ts'
import { malformed } from '../codec/malformed.ts'
import { afterHeader, type NetlinkMessage } from '../codec/messages.ts'
import { dump, request } from '../exchange.ts'
import { formatMac } from '../mac.ts'
import { isRefusal } from '../refusal.ts'
import type { NetlinkSocket } from '../socket.ts'
import {
  IF_OPER_UP,
  IFF_LOOPBACK,
  IFF_LOWER_UP,
  IFF_UP,
  IFLA,
  IFLA_INFO,
  LINK_HEADER_SIZE,
  type LinkName,
  linkHeader,
  linkSelector,
} from './link-message.ts'
import { RTM } from './message-types.ts'

/** A network device. */
export interface Link {
  readonly index: number
  readonly name: string
  /** `bridge`, `veth`, ...; none of a device of the machine's own, nor of the loopback. */
  readonly kind: string | undefined
  readonly mac: string | undefined
  /** Bytes. */
  readonly mtu: number
  /** Whether it was brought up, ... */
  readonly up: boolean
  /** ... and whether packets could pass. */
  readonly carrier: boolean
  /** Whether they do: the kernel takes notice of a carrier a little later. A bridge's port passes nothing before. */
  readonly operational: boolean
  readonly loopback: boolean
  /** The index of the bridge whose port it is. */
  readonly master: number | undefined
  /** The index of a veth's other end, in the namespace where that is. */
  readonly peer: number | undefined
  readonly alias: string | undefined
}

/**
 * Those of the socket's namespace.
 * @throws {KernelError}
 * @see rtnetlink(7), RTM_GETLINK
 */
export function listLinks(socket: NetlinkSocket<'route'>): Link[] {
  return dump(socket, { type: RTM.GETLINK, header: linkHeader(), attributes: [], what: 'getlink' }).map(decodeLink)
}

/**
 * @returns undefined where there is none
 * @throws {KernelError} for any other reason
 */
export function findLink(socket: NetlinkSocket<'route'>, link: LinkName): Link | undefined {
  try {
    return getLink(socket, link)
  } catch (error) {
    if (isRefusal(error, 'ENODEV')) return undefined
    throw error
  }
}

/** @throws {KernelError} `ENODEV` */
export function getLink(socket: NetlinkSocket<'route'>, link: LinkName): Link {
  const { index, attributes } = linkSelector(link)
  const [answer] = request(socket, { type: RTM.GETLINK, header: linkHeader({ index }), attributes, what: `getlink ${link}` })
  if (answer === undefined) throw malformed(`no answer to getlink ${link}`)
  return decodeLink(answer)
}

/** @throws {KernelError} `ENODEV` */
export function linkIndex(socket: NetlinkSocket<'route'>, link: LinkName): number {
  return typeof link === 'number' ? link : getLink(socket, link).index
}

/** @throws {KernelError} `EBADMSG` */
export function decodeLink({ payload }: Pick<NetlinkMessage, 'payload'>): Link {
  const attributes = decodeAttributes(afterHeader(payload, LINK_HEADER_SIZE))
  const flags = payload.readUInt32LE(8)
  const kind = attributes.nested(IFLA.LINKINFO)?.text(IFLA_INFO.KIND)
  return {
    index: payload.readInt32LE(4),
    name: attributes.text(IFLA.IFNAME) ?? '',
    kind,
    mac: macOf(attributes),
    mtu: attributes.u32(IFLA.MTU) ?? 0,
    up: (flags & IFF_UP) !== 0,
    carrier: (flags & IFF_LOWER_UP) !== 0,
    operational: attributes.bytes(IFLA.OPERSTATE)?.[0] === IF_OPER_UP,
    loopback: (flags & IFF_LOOPBACK) !== 0,
    master: attributes.u32(IFLA.MASTER),
    peer: kind === 'veth' ? attributes.u32(IFLA.LINK) : undefined,
    alias: attributes.text(IFLA.IFALIAS),
  }
}

function macOf(attributes: AttributeReader): string | undefined {
  const bytes = attributes.bytes(IFLA.ADDRESS)
  return bytes?.byteLength === 6 ? formatMac(bytes) : undefined
}
