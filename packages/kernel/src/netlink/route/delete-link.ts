import { request } from '../exchange.ts'
import { isRefusal } from '../refusal.ts'
import type { NetlinkSocket } from '../socket.ts'
import { type LinkName, linkHeader, linkSelector } from './link-message.ts'
import { RTM } from './message-types.ts'

/**
 * @returns false where there was none
 * @throws {KernelError} for any other reason
 */
export function deleteLink(socket: NetlinkSocket<'route'>, link: LinkName): boolean {
  const { index, attributes } = linkSelector(link)
  try {
    request(socket, { type: RTM.DELLINK, header: linkHeader({ index }), attributes, what: `dellink ${link}` })
    return true
  } catch (error) {
    if (isRefusal(error, 'ENODEV')) return false
    throw error
  }
}
