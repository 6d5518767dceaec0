import type { AttributeReader } from '../codec/attribute-reader.ts'
import { dump, request } from '../exchange.ts'
import { parseAddress } from '../ip.ts'
import { decodeNetfilter, NFPROTO, netfilterHeader } from '../nftables/message.ts'
import { isRefusal } from '../refusal.ts'
import type { NetlinkSocket } from '../socket.ts'

const NFNL_SUBSYS_CTNETLINK = 1
const IPCTNL_MSG_CT_GET = 1
const IPCTNL_MSG_CT_DELETE = 2
const CTA = { TUPLE_ORIG: 1, TUPLE_REPLY: 2 } as const
const CTA_TUPLE_IP = 1
const CTA_IP_SOURCE = { ipv4: 1, ipv6: 3 } as const
const NLA_F_NESTED = 0x8000

/**
 * Ends what the kernel remembers of connections from and to an address: those that it began, and those that were redirected to it. To be
 * done when the address is given back: translation is decided once for a connection, and a client that goes on sending from the same
 * UDP port would be sent to the old address for ever.
 * @param address of a container
 * @returns how many they were
 * @throws {KernelError} `EINVAL` for what is no address
 * @see conntrack(8), -D
 */
export function forgetConnections(socket: NetlinkSocket<'netfilter'>, address: string): number {
  const { family, bytes } = parseAddress(address)
  const header = netfilterHeader(family === 'ipv4' ? NFPROTO.ip : NFPROTO.ip6)
  const isOf = (tuple: AttributeReader | undefined): boolean =>
    tuple?.nested(CTA_TUPLE_IP)?.bytes(CTA_IP_SOURCE[family])?.equals(bytes) ?? false
  const remembered = dump(socket, { type: connectionType(IPCTNL_MSG_CT_GET), header, attributes: [], what: 'getconntrack' })
  return remembered
    .map((message) => decodeNetfilter(message).attributes)
    .filter((connection) => isOf(connection.nested(CTA.TUPLE_ORIG)) || isOf(connection.nested(CTA.TUPLE_REPLY)))
    .filter((connection) => forget(socket, header, connection.bytes(CTA.TUPLE_ORIG) ?? Buffer.alloc(0))).length
}

/** @returns false where it ended by itself meanwhile */
function forget(socket: NetlinkSocket<'netfilter'>, header: Buffer, tuple: Buffer): boolean {
  const attributes = [{ type: CTA.TUPLE_ORIG | NLA_F_NESTED, value: tuple }]
  try {
    request(socket, { type: connectionType(IPCTNL_MSG_CT_DELETE), header, attributes, what: 'delconntrack' })
    return true
  } catch (error) {
    if (isRefusal(error, 'ENOENT')) return false
    throw error
  }
}

function connectionType(message: number): number {
  return (NFNL_SUBSYS_CTNETLINK << 8) | message
}
