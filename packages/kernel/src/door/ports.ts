import { closeSync } from 'node:fs'
import { parseAddress } from '../netlink/ip.ts'
import { callFailed, libcFunction } from './libc.ts'
import { setSocketOption } from './sockets.ts'

const AF = { ipv4: 2, ipv6: 10 } as const
const SOCK_CLOEXEC = 0o2_000_000
const KINDS = { tcp: { type: 1, protocol: 6 }, udp: { type: 2, protocol: 17 }, sctp: { type: 1, protocol: 132 } } as const
const SOL_SOCKET = 1
const SO_REUSEADDR = 2
const IPPROTO_IPV6 = 41
const IPV6_V6ONLY = 26
const ON = Buffer.of(1, 0, 0, 0)
const OFF = Buffer.alloc(4)
const ADDRESS_SIZES = { ipv4: 16, ipv6: 28 } as const

export interface PortToHold {
  readonly protocol: keyof typeof KINDS
  /** `0.0.0.0` and `::` are all of the machine's, of that version of IP alone. */
  readonly address: string
  /** 0: one that the kernel chooses. */
  readonly port: number
}

/**
 * Takes a port of the machine without listening there: nobody else gets it while the descriptor is open, close-on-exec, anywhere.
 * @throws {KernelError} `EADDRINUSE`; `EADDRNOTAVAIL` for an address that is not the machine's; `EAFNOSUPPORT` where there is no IPv6
 * @see bind(2), ip(7), ipv6(7)
 */
export function holdPort({ protocol, address, port }: PortToHold): { descriptor: number; port: number } {
  const { family } = parseAddress(address)
  const what = `${protocol} port ${port} of ${address}`
  const descriptor = socket()(AF[family], KINDS[protocol].type | SOCK_CLOEXEC, KINDS[protocol].protocol)
  if (descriptor < 0) throw callFailed('socket', what)
  try {
    if (family === 'ipv6') setSocketOption(descriptor, { level: IPPROTO_IPV6, name: IPV6_V6ONLY, value: ON })
    // Connections of the port's last owner may not be forgotten yet; that is no reason not to have it. For datagrams it would share the port.
    if (protocol !== 'udp') setSocketOption(descriptor, { level: SOL_SOCKET, name: SO_REUSEADDR, value: ON })
    const name = encodeAddress(address, port)
    if (bind()(descriptor, name, name.byteLength) < 0) throw callFailed('bind', what)
    if (protocol !== 'udp') setSocketOption(descriptor, { level: SOL_SOCKET, name: SO_REUSEADDR, value: OFF })
    return { descriptor, port: boundPort(descriptor, what) }
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** `struct sockaddr_in`, `struct sockaddr_in6`. */
function encodeAddress(address: string, port: number): Buffer {
  const { family, bytes } = parseAddress(address)
  const encoded = Buffer.alloc(ADDRESS_SIZES[family])
  encoded.writeUInt16LE(AF[family], 0)
  encoded.writeUInt16BE(port, 2)
  encoded.set(bytes, family === 'ipv4' ? 4 : 8)
  return encoded
}

function boundPort(descriptor: number, what: string): number {
  const name = Buffer.alloc(ADDRESS_SIZES.ipv6)
  const size = Buffer.alloc(4)
  size.writeUInt32LE(name.byteLength)
  if (getsockname()(descriptor, name, size) < 0) throw callFailed('getsockname', what)
  return name.readUInt16BE(2)
}

const socket = libcFunction<(domain: number, type: number, protocol: number) => number>('socket', 'int', ['int', 'int', 'int'])
const bind = libcFunction<(socket: number, address: Buffer, size: number) => number>('bind', 'int', ['int', 'void *', 'uint'])
const getsockname = libcFunction<(socket: number, address: Buffer, size: Buffer) => number>('getsockname', 'int', [
  'int',
  'void *',
  'void *',
])
