import { aligned } from './attributes.ts'
import { malformed } from './malformed.ts'

/** @see netlink(7), struct nlmsghdr */
export interface NetlinkMessage {
  readonly type: number
  /** Of {@link NLM_F}. */
  readonly flags: number
  /** Of the request, and the same in all its answers. */
  readonly sequence: number
  /** What follows the header: the family's own header, and attributes. */
  readonly payload: Buffer
}

export const NLMSG = { ERROR: 2, DONE: 3 } as const

/** Of requests, of answers, and of acknowledgements, which share bits. @see netlink(7) */
export const NLM_F = {
  REQUEST: 0x1,
  MULTI: 0x2,
  ACK: 0x4,
  DUMP_INTR: 0x10,
  DUMP: 0x300,
  EXCL: 0x200,
  CREATE: 0x400,
  APPEND: 0x800,
  CAPPED: 0x100,
  ACK_TLVS: 0x200,
} as const

/** Of `struct nlmsghdr`. */
export const HEADER_SIZE = 16

/** The message, padded to four bytes so that another may follow. */
export function encodeMessage({ type, flags, sequence, payload }: NetlinkMessage): Buffer {
  const length = HEADER_SIZE + payload.byteLength
  const encoded = Buffer.alloc(aligned(length))
  encoded.writeUInt32LE(length, 0)
  encoded.writeUInt16LE(type, 4)
  encoded.writeUInt16LE(flags, 6)
  encoded.writeUInt32LE(sequence, 8)
  encoded.set(payload, HEADER_SIZE)
  return encoded
}

/**
 * The messages of one datagram. Their payloads are views of it.
 * @throws {KernelError} `EBADMSG` where a length leads outside
 */
export function decodeMessages(datagram: Buffer): NetlinkMessage[] {
  const messages: NetlinkMessage[] = []
  let offset = 0
  while (offset < datagram.byteLength) {
    const left = datagram.byteLength - offset
    const length = left < HEADER_SIZE ? 0 : datagram.readUInt32LE(offset)
    if (length < HEADER_SIZE || length > left) throw malformed(`message of ${length} bytes where ${left} are left`)
    messages.push({
      type: datagram.readUInt16LE(offset + 4),
      flags: datagram.readUInt16LE(offset + 6),
      sequence: datagram.readUInt32LE(offset + 8),
      payload: datagram.subarray(offset + HEADER_SIZE, offset + length),
    })
    offset += aligned(length)
  }
  return messages
}

/**
 * The attributes' bytes behind a family's own header.
 * @throws {KernelError} `EBADMSG` where not even the header is there
 */
export function afterHeader(payload: Buffer, headerSize: number): Buffer {
  if (payload.byteLength < headerSize) throw malformed(`payload of ${payload.byteLength} bytes, expected at least ${headerSize}`)
  return payload.subarray(headerSize)
}
