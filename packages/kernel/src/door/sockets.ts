import { callFailed, errnoFailed, lastErrno, libcFunction } from './libc.ts'

const SOCK_RAW = 3
const SOCK_CLOEXEC = 0o2_000_000
const MSG_TRUNC = 0x20
const AF_NETLINK = 16
const SOL_SOCKET = 1
const SO_RCVTIMEO = 20
const SO_SNDBUFFORCE = 32
const MSG_DONTWAIT = 0x40
const EAGAIN = 11
const NO_BUFFER = Buffer.alloc(0)
const EINTR = 4
const ADDRESS_SIZE = 12
const SENDER_PORT = 4

export interface ReceivedDatagram {
  /** Of the whole datagram; more than the buffer's where its end was cut off. */
  readonly size: number
  /** The port of who sent it; 0 is the kernel. */
  readonly sender: number
}

/**
 * A netlink socket in the calling thread's network namespace, close-on-exec; closed like a file.
 * @param protocol NETLINK_*
 * @throws {KernelError}
 * @see netlink(7), socket(2)
 */
export function openNetlinkDescriptor(protocol: number): number {
  const descriptor = socketCall()(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, protocol)
  if (descriptor < 0) throw callFailed('socket', `netlink protocol ${protocol}`)
  return descriptor
}

/**
 * @throws {KernelError}
 * @see setsockopt(2)
 */
export function setSocketOption(descriptor: number, { level, name, value }: { level: number; name: number; value: Buffer }): void {
  if (setsockopt()(descriptor, level, name, value, value.byteLength) < 0)
    throw callFailed('setsockopt', `option ${level}/${name} of descriptor ${descriptor}`)
}

/**
 * Bounds every later wait for a datagram; a wait that takes longer fails with `EAGAIN`.
 * @throws {KernelError}
 * @see socket(7), SO_RCVTIMEO
 */
export function boundReceive(descriptor: number, seconds: number): void {
  const value = Buffer.alloc(16)
  value.writeBigInt64LE(BigInt(seconds), 0)
  setSocketOption(descriptor, { level: SOL_SOCKET, name: SO_RCVTIMEO, value })
}

/**
 * Makes room for datagrams of so many bytes, beyond what the machine allows to everybody.
 * @throws {KernelError} `EPERM` without CAP_NET_ADMIN
 * @see socket(7), SO_SNDBUFFORCE
 */
export function widenSend(descriptor: number, size: number): void {
  const value = Buffer.alloc(4)
  value.writeInt32LE(size)
  setSocketOption(descriptor, { level: SOL_SOCKET, name: SO_SNDBUFFORCE, value })
}

/**
 * Throws away what has arrived.
 * @throws {KernelError}
 * @see recv(2)
 */
export function discardDatagrams(descriptor: number): void {
  for (;;) {
    const discarded = recv()(descriptor, NO_BUFFER, 0, MSG_DONTWAIT)
    if (discarded < 0 && lastErrno() !== EINTR) break
  }
  if (lastErrno() !== EAGAIN) throw callFailed('recv', `descriptor ${descriptor}`)
}

/**
 * One datagram, to whom the socket talks: the kernel, for a netlink socket.
 * @throws {KernelError}
 * @see send(2)
 */
export function sendDatagram(descriptor: number, bytes: Buffer): void {
  let sent = send()(descriptor, bytes, bytes.byteLength, 0)
  while (sent < 0 && lastErrno() === EINTR) sent = send()(descriptor, bytes, bytes.byteLength, 0)
  if (sent < 0) throw callFailed('send', `descriptor ${descriptor}`)
}

/**
 * Waits for one datagram of a netlink socket, and reads it to the start of `buffer`.
 * @throws {KernelError} `EAGAIN` when nothing came in time
 * @see recvfrom(2), netlink(7)
 */
export function receiveNetlink(descriptor: number, buffer: Buffer): ReceivedDatagram {
  const address = Buffer.alloc(ADDRESS_SIZE)
  const addressSize = Buffer.alloc(4)
  const receive = (): number => {
    addressSize.writeUInt32LE(ADDRESS_SIZE)
    return recvfrom()(descriptor, buffer, buffer.byteLength, MSG_TRUNC, address, addressSize)
  }
  let size = receive()
  while (size < 0 && lastErrno() === EINTR) size = receive()
  if (size < 0) throw errnoFailed(lastErrno(), 'recvfrom', `descriptor ${descriptor}`)
  return { size, sender: address.readUInt32LE(SENDER_PORT) }
}

type ReceiveFrom = (socket: number, buffer: Buffer, size: number, flags: number, address: Buffer, addressSize: Buffer) => number

const socketCall = libcFunction<(domain: number, type: number, protocol: number) => number>('socket', 'int', ['int', 'int', 'int'])
const setsockopt = libcFunction<(socket: number, level: number, name: number, value: Buffer, size: number) => number>('setsockopt', 'int', [
  'int',
  'int',
  'int',
  'void *',
  'uint',
])
const send = libcFunction<(socket: number, bytes: Buffer, size: number, flags: number) => number>('send', 'long', [
  'int',
  'void *',
  'size_t',
  'int',
])
const recv = libcFunction<(socket: number, buffer: Buffer, size: number, flags: number) => number>('recv', 'long', [
  'int',
  'void *',
  'size_t',
  'int',
])
const recvfrom = libcFunction<ReceiveFrom>('recvfrom', 'long', ['int', 'void *', 'size_t', 'int', 'void *', 'void *'])
