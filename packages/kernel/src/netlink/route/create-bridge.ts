import { text, u32 } from '../codec/attributes.ts'
import { NLM_F } from '../codec/messages.ts'
import { request } from '../exchange.ts'
import type { NetlinkSocket } from '../socket.ts'
import { deviceAttributes, IFLA, IFLA_INFO, linkHeader } from './link-message.ts'
import { RTM } from './message-types.ts'

const IFLA_BR_STP_STATE = 5

export interface BridgeOptions {
  /** At most 15 bytes. */
  readonly name: string
  /** Without it, the bridge takes the lowest of its ports', and another whenever ports come and go. */
  readonly mac?: string
  /** Brings it up at once. */
  readonly up?: boolean
}

/**
 * A bridge without the spanning tree protocol: its ports forward at once. Its MTU is that of the smallest of its ports, until
 * changeLink says another. Its undo is deleteLink.
 * @throws {KernelError} `EEXIST`
 * @see ip-link(8), type bridge
 */
export function createBridge(socket: NetlinkSocket<'route'>, { name, mac, up = false }: BridgeOptions): void {
  request(socket, {
    type: RTM.NEWLINK,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    header: linkHeader({ up }),
    attributes: [
      ...deviceAttributes({ name, mac }),
      {
        type: IFLA.LINKINFO,
        value: [text(IFLA_INFO.KIND, 'bridge'), { type: IFLA_INFO.DATA, value: [u32(IFLA_BR_STP_STATE, 0)] }],
      },
    ],
    what: `newlink ${name}`,
  })
}
