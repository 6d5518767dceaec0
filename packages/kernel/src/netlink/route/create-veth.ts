import { encodeAttributes, text, u32 } from '../codec/attributes.ts'
import { NLM_F } from '../codec/messages.ts'
import { request } from '../exchange.ts'
import type { NetlinkSocket } from '../socket.ts'
import { linkIndex } from './link.ts'
import { deviceAttributes, IFLA, IFLA_INFO, type LinkName, type LinkNamespace, linkHeader, namespaceAttribute } from './link-message.ts'
import { RTM } from './message-types.ts'

const VETH_INFO_PEER = 1

export interface VethEnd {
  /** At most 15 bytes. */
  readonly name: string
  /** The kernel draws one otherwise. */
  readonly mac?: string
  /** Bytes. */
  readonly mtu?: number
}

export interface VethOptions extends VethEnd {
  /** The bridge whose port this end becomes at once. */
  readonly master?: LinkName
  /** Brings this end up at once. The other cannot be before the wire is whole: changeLink in its namespace does it. */
  readonly up?: boolean
  readonly peer: VethEnd & {
    /** Where the other end appears, under its final name from the start. The socket's own namespace by default. */
    readonly namespace?: LinkNamespace
  }
}

/**
 * Two ends of a wire, all in one step: either both are there and as asked, or nothing is. Deleting one end, or the end of either's
 * namespace, deletes both. Its undo is deleteLink.
 * @throws {KernelError} `EEXIST` for either name
 * @see veth(4)
 */
export function createVeth(socket: NetlinkSocket<'route'>, { master, up = false, peer, ...end }: VethOptions): void {
  const namespace = peer.namespace === undefined ? [] : [namespaceAttribute(peer.namespace)]
  const other = Buffer.concat([linkHeader(), encodeAttributes([...deviceAttributes(peer), ...namespace])])
  request(socket, {
    type: RTM.NEWLINK,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    header: linkHeader({ up }),
    attributes: [
      ...deviceAttributes(end),
      ...(master === undefined ? [] : [u32(IFLA.MASTER, linkIndex(socket, master))]),
      {
        type: IFLA.LINKINFO,
        value: [text(IFLA_INFO.KIND, 'veth'), { type: IFLA_INFO.DATA, value: [{ type: VETH_INFO_PEER, value: other }] }],
      },
    ],
    what: `newlink ${end.name}`,
  })
}
