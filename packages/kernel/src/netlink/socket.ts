import { closeSync } from 'node:fs'
import {
  boundReceive,
  discardDatagrams,
  openNetlinkDescriptor,
  receiveNetlink,
  sendDatagram,
  setSocketOption,
  widenSend,
} from '../door/sockets.ts'
import { KernelError } from '../error.ts'
import { decodeMessages, encodeMessage, type NetlinkMessage } from './codec/messages.ts'
import { inNetworkNamespace, type NetworkNamespace } from './namespace.ts'

const PROTOCOLS = { route: 0, netfilter: 12 } as const
const SOL_NETLINK = 270
// When a large transaction is refused, the kernel says so of each change, and the first that fit the socket's buffer are enough.
const NETLINK_NO_ENOBUFS = 5
const NETLINK_CAP_ACK = 10
const NETLINK_EXT_ACK = 11
const ON = Buffer.of(1, 0, 0, 0)
const KERNEL = 0
// The kernel has answered when send(2) returns: this ends only what must not happen.
const LONGEST_WAIT_SECONDS = 10
// Above what the kernel puts into one datagram of a dump.
const BUFFER_SIZE = 65_536
// Below what every machine allows.
const SEND_SIZE = 65_536

export interface NetlinkOptions<Protocol extends NetlinkProtocol> {
  readonly protocol: Protocol
  /** The caller's own by default. Only opening the socket happens there: afterwards the namespace may be closed. */
  readonly namespace?: NetworkNamespace
}

export type NetlinkProtocol = keyof typeof PROTOCOLS

/**
 * Opens a socket to the kernel that stays bound to its network namespace, whoever uses it from where.
 * @throws {KernelError} `EPROTONOSUPPORT` where the kernel lacks netfilter
 * @see netlink(7), rtnetlink(7)
 */
export function openNetlink<Protocol extends NetlinkProtocol>({ protocol, namespace }: NetlinkOptions<Protocol>): NetlinkSocket<Protocol> {
  const open = (): number => openNetlinkDescriptor(PROTOCOLS[protocol])
  const descriptor = namespace === undefined ? open() : inNetworkNamespace(namespace, open)
  try {
    for (const name of [NETLINK_EXT_ACK, NETLINK_CAP_ACK, NETLINK_NO_ENOBUFS])
      setSocketOption(descriptor, { level: SOL_NETLINK, name, value: ON })
    boundReceive(descriptor, LONGEST_WAIT_SECONDS)
    return new NetlinkSocket(protocol, descriptor)
  } catch (error) {
    closeSync(descriptor)
    throw error
  }
}

/** Requests and answers are synchronous: an answer takes microseconds, and nothing else can come in between. */
export class NetlinkSocket<Protocol extends NetlinkProtocol = NetlinkProtocol> {
  readonly protocol: Protocol
  readonly #buffer = Buffer.allocUnsafeSlow(BUFFER_SIZE)
  #descriptor: number
  #sequence = 0

  constructor(protocol: Protocol, descriptor: number) {
    this.protocol = protocol
    this.#descriptor = descriptor
  }

  /**
   * Sends messages as one datagram. What is still there of answers to earlier ones, that nobody waited for, is thrown away.
   * @returns their sequence numbers, in their order
   * @throws {KernelError}
   */
  send(messages: readonly Omit<NetlinkMessage, 'sequence'>[]): number[] {
    const numbered = messages.map((message) => ({ ...message, sequence: this.#nextSequence() }))
    const datagram = Buffer.concat(numbered.map(encodeMessage))
    discardDatagrams(this.#descriptor)
    if (datagram.byteLength > SEND_SIZE) widenSend(this.#descriptor, datagram.byteLength)
    sendDatagram(this.#descriptor, datagram)
    return numbered.map(({ sequence }) => sequence)
  }

  /**
   * The kernel's next datagram; others may not speak for it.
   * @throws {KernelError} `EAGAIN` when nothing comes; `EMSGSIZE`, `EBADMSG`
   */
  receive(): NetlinkMessage[] {
    let { size, sender } = receiveNetlink(this.#descriptor, this.#buffer)
    while (sender !== KERNEL) ({ size, sender } = receiveNetlink(this.#descriptor, this.#buffer))
    if (size > BUFFER_SIZE)
      throw new KernelError(
        'EMSGSIZE',
        `netlink ${this.protocol}: EMSGSIZE (an answer of ${size} bytes, expected at most ${BUFFER_SIZE})`,
        {
          syscall: 'netlink',
        },
      )
    return decodeMessages(Buffer.from(this.#buffer.subarray(0, size)))
  }

  /** Once or more often. */
  close(): void {
    if (this.#descriptor < 0) return
    closeSync(this.#descriptor)
    this.#descriptor = -1
  }

  #nextSequence(): number {
    this.#sequence = this.#sequence === 0xffff_ffff ? 1 : this.#sequence + 1
    return this.#sequence
  }
}
