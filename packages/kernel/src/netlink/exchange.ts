import { decodeAcknowledgement } from './codec/acknowledgement.ts'
import { type Attribute, encodeAttributes } from './codec/attributes.ts'
import { type NetlinkMessage, NLM_F, NLMSG } from './codec/messages.ts'
import { refused } from './refusal.ts'
import type { NetlinkSocket } from './socket.ts'

export interface NetlinkRequest {
  readonly type: number
  /** Of NLM_F, beyond that this is a request. */
  readonly flags?: number
  /** The family's own: `struct ifinfomsg`, `struct nfgenmsg`, ... */
  readonly header: Buffer
  readonly attributes: readonly Attribute[]
  /** For errors: `newlink gocker0`. */
  readonly what: string
}

const DUMP_TRIES = 100
const EINTR = 4

/**
 * Asks, and waits for the end of the answer.
 * @returns what came before the acknowledgement
 * @throws {KernelError} `netlink <what>: ...` with the kernel's reason
 */
export function request(socket: NetlinkSocket, asked: NetlinkRequest): NetlinkMessage[] {
  const { what, flags = 0 } = asked
  const [sequence] = socket.send([requestMessage(asked, flags | NLM_F.ACK)])
  return answers(socket, sequence as number, what).messages
}

/**
 * All objects of a kind. Others may change them meanwhile: the kernel tells, and the dump starts over.
 * @throws {KernelError} `EINTR` when it never came to an end undisturbed
 */
export function dump(socket: NetlinkSocket, asked: NetlinkRequest): NetlinkMessage[] {
  const { what } = asked
  for (let tries = 0; tries < DUMP_TRIES; tries++) {
    const [sequence] = socket.send([requestMessage(asked, NLM_F.DUMP)])
    const { messages, interrupted } = answers(socket, sequence as number, what)
    if (!interrupted) return messages
  }
  throw refused(what, { errno: EINTR, text: `others change them all the time; tried ${DUMP_TRIES} times` })
}

export function requestMessage({ type, header, attributes }: NetlinkRequest, flags: number): Omit<NetlinkMessage, 'sequence'> {
  return { type, flags: NLM_F.REQUEST | flags, payload: Buffer.concat([header, encodeAttributes(attributes)]) }
}

function answers(socket: NetlinkSocket, sequence: number, what: string): { messages: NetlinkMessage[]; interrupted: boolean } {
  const messages: NetlinkMessage[] = []
  let interrupted = false
  for (;;) {
    for (const message of socket.receive()) {
      if (message.sequence !== sequence) continue
      const end = decodeAcknowledgement(message)
      interrupted ||= isInterrupted(message)
      if (end === undefined) messages.push(message)
      else if (end.errno !== 0) throw refused(what, end)
      else return { messages, interrupted }
    }
  }
}

// Of an error's flags, the bit says something else.
function isInterrupted({ type, flags }: NetlinkMessage): boolean {
  return type !== NLMSG.ERROR && (flags & NLM_F.DUMP_INTR) !== 0
}
