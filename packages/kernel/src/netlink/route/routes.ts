import { NLM_F } from '../codec/messages.ts'
import { dump, request } from '../exchange.ts'
import { isRefusal } from '../refusal.ts'
import type { NetlinkSocket } from '../socket.ts'
import { linkIndex } from './link.ts'
import type { LinkName } from './link-message.ts'
import { RTM } from './message-types.ts'
import { decodeRoute, ROUTE_HEADER_SIZE, type Route, type RouteMessage, routeAttributes, routeHeader } from './route-message.ts'

export interface RouteOptions {
  /** `172.18.0.0/16`; the default routes are `0.0.0.0/0` and `::/0`. */
  readonly destination: string
  /** Without one, the destination is reached directly by the link. */
  readonly gateway?: string
  readonly link?: LinkName
  /** The address that packets of the machine's own get. */
  readonly source?: string
  readonly metric?: number
}

/**
 * Its undo is deleteRoute, or the end of its link.
 * @throws {KernelError} `EEXIST`, `ENETUNREACH` for a gateway that is not on a link
 * @see ip-route(8)
 */
export function addRoute(socket: NetlinkSocket<'route'>, route: RouteOptions): void {
  const message = routeMessage(socket, route)
  request(socket, {
    type: RTM.NEWROUTE,
    flags: NLM_F.CREATE | NLM_F.EXCL,
    header: routeHeader(message),
    attributes: routeAttributes(message),
    what: `newroute ${route.destination}`,
  })
}

/**
 * Deletes one that fits.
 * @returns false where there was none
 * @throws {KernelError}
 */
export function deleteRoute(socket: NetlinkSocket<'route'>, route: RouteOptions): boolean {
  const message = routeMessage(socket, route)
  const attributes = routeAttributes(message)
  try {
    request(socket, { type: RTM.DELROUTE, header: routeHeader(message), attributes, what: `delroute ${route.destination}` })
    return true
  } catch (error) {
    if (isRefusal(error, 'ESRCH')) return false
    throw error
  }
}

/**
 * The main table's unicast routes, of IPv4 and IPv6.
 * @throws {KernelError}
 */
export function listRoutes(socket: NetlinkSocket<'route'>): Route[] {
  const header = Buffer.alloc(ROUTE_HEADER_SIZE)
  return dump(socket, { type: RTM.GETROUTE, header, attributes: [], what: 'getroute' }).flatMap(decodeRoute)
}

function routeMessage(socket: NetlinkSocket<'route'>, { link, ...route }: RouteOptions): RouteMessage {
  return link === undefined ? route : { ...route, link: linkIndex(socket, link) }
}
