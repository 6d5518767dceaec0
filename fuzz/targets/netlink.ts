import { KernelError } from '@gocker/kernel'
import { decodeAcknowledgement } from '../../packages/kernel/src/netlink/codec/acknowledgement.ts'
import { encodeAttributes, text, u32 } from '../../packages/kernel/src/netlink/codec/attributes.ts'
import { decodeMessages, encodeMessage, NLM_F, NLMSG } from '../../packages/kernel/src/netlink/codec/messages.ts'
import { decodeComment } from '../../packages/kernel/src/netlink/nftables/comment.ts'
import { decodeNetfilter } from '../../packages/kernel/src/netlink/nftables/message.ts'
import { decodeLinkAddress } from '../../packages/kernel/src/netlink/route/addresses.ts'
import { decodeLink } from '../../packages/kernel/src/netlink/route/link.ts'
import { decodeRoute } from '../../packages/kernel/src/netlink/route/route-message.ts'
import type { FuzzTarget } from '../engine/target.ts'

const LINK = encodeAttributes([text(3, 'gocker0'), u32(4, 1500), { type: 18, value: [text(1, 'veth'), { type: 2, value: [u32(1, 1)] }] }])
const ROUTE = encodeAttributes([{ type: 1, value: Buffer.of(10, 0, 0, 0) }, u32(4, 2), { type: 5, value: Buffer.of(10, 0, 0, 1) }])

/** What the kernel answers, whole datagrams, and each kind of object by itself. */
export const netlink: FuzzTarget = {
  seeds: [
    message(NLMSG.ERROR, Buffer.concat([Buffer.alloc(20), LINK])),
    message(NLMSG.DONE, Buffer.alloc(4)),
    Buffer.concat([
      message(16, Buffer.concat([Buffer.alloc(16), LINK])),
      message(24, Buffer.concat([Buffer.of(2, 8, 0, 0, 254, 4, 0, 1), Buffer.alloc(4), ROUTE])),
    ]),
    message(20, Buffer.concat([Buffer.alloc(8), encodeAttributes([{ type: 2, value: Buffer.of(127, 0, 0, 1) }])])),
  ],
  read(bytes) {
    for (const read of decodeMessages(bytes)) readMessage(read)
  },
  isRefusal: (error) => error instanceof KernelError && error.code === 'EBADMSG',
}

function message(type: number, payload: Buffer): Buffer {
  return encodeMessage({ type, flags: NLM_F.ACK_TLVS, sequence: 1, payload })
}

/** Whatever it is by its type, everything is tried that could be made of it; the first refusal counts when all are made. */
function readMessage(read: ReturnType<typeof decodeMessages>[number]): void {
  const { payload } = read
  const readers = [
    () => decodeAcknowledgement(read),
    () => decodeAcknowledgement({ ...read, type: NLMSG.ERROR, flags: NLM_F.ACK_TLVS }),
    () => decodeLink(read),
    () => decodeLinkAddress(read),
    () => decodeRoute(read),
    () => decodeNetfilter(read),
    () => decodeComment(payload),
  ]
  const refusals = readers.map(refusalOf).filter((refusal) => refusal !== undefined)
  if (refusals[0] !== undefined) throw refusals[0]
}

function refusalOf(read: () => unknown): Error | undefined {
  try {
    read()
    return undefined
  } catch (error) {
    if (netlink.isRefusal(error)) return error as Error
    throw error
  }
}
