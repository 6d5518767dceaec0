import { decodeAttributes } from '../codec/attribute-reader.ts'
import { u32 } from '../codec/attributes.ts'
import { afterHeader, type NetlinkMessage, NLM_F } from '../codec/messages.ts'
import { dump, type NetlinkRequest, request } from '../exchange.ts'
import { formatAddress, type IpFamily, parsePrefix } from '../ip.ts'
import { isRefusal } from '../refusal.ts'
import type { NetlinkSocket } from '../socket.ts'
import { linkIndex } from './link.ts'
import type { LinkName } from './link-message.ts'
import { AF, FAMILY_NUMBERS, RTM } from './message-types.ts'

export interface LinkAddress {
  /** The index of its link. */
  readonly link: number
  readonly family: IpFamily
  /** `172.18.0.1/16` */
  readonly address: string
}

const IFA_ADDRESS = 1
const IFA_LOCAL = 2
const IFA_FLAGS = 8
const IFA_F_NODAD = 2
const HEADER_SIZE = 8

/**
 * Gives a link an address, and the route to the address's network. An IPv6 address can be used at once: duplicates are not looked for.
 * Its undo is deleteAddress, or deleteLink.
 * @param address `172.18.0.1/16`, `fd00::1/64`
 * @throws {KernelError} `EEXIST`, `ENODEV`
 * @see ip-address(8)
 */
export function addAddress(socket: NetlinkSocket<'route'>, link: LinkName, address: string): void {
  const asked = addressRequest(socket, link, address)
  const attributes = [...asked.attributes, u32(IFA_FLAGS, IFA_F_NODAD)]
  request(socket, { ...asked, attributes, type: RTM.NEWADDR, flags: NLM_F.CREATE | NLM_F.EXCL, what: `newaddr ${address} on ${link}` })
}

/**
 * @returns false where there was none
 * @throws {KernelError} `ENODEV`
 */
export function deleteAddress(socket: NetlinkSocket<'route'>, link: LinkName, address: string): boolean {
  const asked = addressRequest(socket, link, address)
  try {
    request(socket, { ...asked, type: RTM.DELADDR, what: `deladdr ${address} on ${link}` })
    return true
  } catch (error) {
    if (isRefusal(error, 'EADDRNOTAVAIL')) return false
    throw error
  }
}

/**
 * Those of all links, or of one.
 * @throws {KernelError}
 */
export function listAddresses(socket: NetlinkSocket<'route'>, link?: LinkName): LinkAddress[] {
  const index = link === undefined ? undefined : linkIndex(socket, link)
  const messages = dump(socket, { type: RTM.GETADDR, header: Buffer.alloc(HEADER_SIZE), attributes: [], what: 'getaddr' })
  return messages.flatMap(decodeLinkAddress).filter((address) => index === undefined || address.link === index)
}

/**
 * @returns none of a family that is not IP's
 * @throws {KernelError} `EBADMSG`
 */
export function decodeLinkAddress({ payload }: Pick<NetlinkMessage, 'payload'>): LinkAddress[] {
  const attributes = decodeAttributes(afterHeader(payload, HEADER_SIZE))
  // Of a point-to-point link, IFA_ADDRESS is the other side's.
  const address = formatAddress(attributes.bytes(IFA_LOCAL) ?? attributes.bytes(IFA_ADDRESS) ?? Buffer.alloc(0))
  const family = payload.readUInt8(0)
  if (address === undefined || (family !== AF.INET && family !== AF.INET6)) return []
  return [{ link: payload.readUInt32LE(4), family: family === AF.INET ? 'ipv4' : 'ipv6', address: `${address}/${payload.readUInt8(1)}` }]
}

function addressRequest(socket: NetlinkSocket<'route'>, link: LinkName, address: string): Pick<NetlinkRequest, 'header' | 'attributes'> {
  const { family, bytes, length } = parsePrefix(address)
  // struct ifaddrmsg
  const header = Buffer.alloc(HEADER_SIZE)
  header.writeUInt8(FAMILY_NUMBERS[family], 0)
  header.writeUInt8(length, 1)
  header.writeUInt32LE(linkIndex(socket, link), 4)
  return {
    header,
    attributes: [
      { type: IFA_LOCAL, value: bytes },
      { type: IFA_ADDRESS, value: bytes },
    ],
  }
}
