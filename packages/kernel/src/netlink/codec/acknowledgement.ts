import { decodeAttributes } from './attribute-reader.ts'
import { aligned } from './attributes.ts'
import { malformed } from './malformed.ts'
import { afterHeader, HEADER_SIZE, type NetlinkMessage, NLM_F, NLMSG } from './messages.ts'

/** How a request ended. */
export interface Acknowledgement {
  /** 0 for success. */
  readonly errno: number
  /** The kernel's own words, where it has any. */
  readonly text: string | undefined
}

const ERRNO_SIZE = 4
const NLMSGERR_ATTR_MSG = 1

/**
 * What an NLMSG_ERROR, or the NLMSG_DONE of a dump, says. It ends the answer; any other message does not.
 * @returns undefined of other messages
 * @throws {KernelError} `EBADMSG`
 * @see netlink(7), struct nlmsgerr
 */
export function decodeAcknowledgement(message: NetlinkMessage): Acknowledgement | undefined {
  const { type, flags, payload } = message
  if (type !== NLMSG.ERROR && type !== NLMSG.DONE) return undefined
  // A dump's end need not say that nothing went wrong.
  if (type === NLMSG.DONE && payload.byteLength < ERRNO_SIZE) return { errno: 0, text: undefined }
  const attributes = afterHeader(payload, type === NLMSG.ERROR ? errorSize(message) : ERRNO_SIZE)
  const text = (flags & NLM_F.ACK_TLVS) === 0 ? undefined : decodeAttributes(attributes).text(NLMSGERR_ATTR_MSG)
  return { errno: Math.abs(payload.readInt32LE()), text }
}

// The request comes back: its header alone, or whole.
function errorSize({ flags, payload }: NetlinkMessage): number {
  const least = ERRNO_SIZE + HEADER_SIZE
  if (payload.byteLength < least) throw malformed(`acknowledgement of ${payload.byteLength} bytes, expected at least ${least}`)
  if ((flags & NLM_F.CAPPED) !== 0) return least
  return ERRNO_SIZE + aligned(Math.max(payload.readUInt32LE(ERRNO_SIZE), HEADER_SIZE))
}
