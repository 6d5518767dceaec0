import { type Attribute, text, u32 } from '../codec/attributes.ts'
import { parseMac } from '../mac.ts'

/** How a link is named: `gocker0`, or by its index. */
export type LinkName = string | number

/** @see include/uapi/linux/if_link.h */
export const IFLA = {
  ADDRESS: 1,
  IFNAME: 3,
  MTU: 4,
  LINK: 5,
  MASTER: 10,
  OPERSTATE: 16,
  LINKINFO: 18,
  NET_NS_PID: 19,
  IFALIAS: 20,
  AF_SPEC: 26,
  NET_NS_FD: 28,
} as const

export const IFLA_INFO = { KIND: 1, DATA: 2, SLAVE_KIND: 4, SLAVE_DATA: 5 } as const

/** @see netdevice(7) */
export const IFF_UP = 1
export const IFF_LOOPBACK = 8
/** The carrier is there: a bridge has it when a port has it, a veth when its peer is up. */
export const IFF_LOWER_UP = 0x1_0000

/** @see https://www.rfc-editor.org/rfc/rfc2863 */
export const IF_OPER_UP = 6

/** Of `struct ifinfomsg`. */
export const LINK_HEADER_SIZE = 16

/** `struct ifinfomsg`. Whether the link is up stays as it is where `up` is left out. */
export function linkHeader({ index = 0, up }: { index?: number; up?: boolean | undefined } = {}): Buffer {
  const header = Buffer.alloc(LINK_HEADER_SIZE)
  header.writeInt32LE(index, 4)
  header.writeUInt32LE(up === true ? IFF_UP : 0, 8)
  header.writeUInt32LE(up === undefined ? 0 : IFF_UP, 12)
  return header
}

/** In which namespace a link shall be: that of a process, or that of an open descriptor. */
export type LinkNamespace = { readonly pid: number } | { readonly fd: number }

export function namespaceAttribute(namespace: LinkNamespace): Attribute {
  return 'pid' in namespace ? u32(IFLA.NET_NS_PID, namespace.pid) : u32(IFLA.NET_NS_FD, namespace.fd)
}

/** What every kind of link has; what is left out is the kernel's choice. */
export function deviceAttributes({
  name,
  mac,
  mtu,
}: {
  name?: string | undefined
  mac?: string | undefined
  mtu?: number | undefined
}): Attribute[] {
  return [
    ...(name === undefined ? [] : [text(IFLA.IFNAME, name)]),
    ...(mac === undefined ? [] : [{ type: IFLA.ADDRESS, value: parseMac(mac) }]),
    ...(mtu === undefined ? [] : [u32(IFLA.MTU, mtu)]),
  ]
}

/** How a request says which link it means: by the index in its header, or by the name among its attributes. */
export function linkSelector(link: LinkName): { index: number; attributes: Attribute[] } {
  return typeof link === 'number' ? { index: link, attributes: [] } : { index: 0, attributes: [text(IFLA.IFNAME, link)] }
}
