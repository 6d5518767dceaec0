import { KernelError } from '../../error.ts'

const NFTNL_UDATA_RULE_COMMENT = 0
// With its NUL: what nft takes, and shows.
const LARGEST = 128

/**
 * A rule's user data with one comment in it, in the form that nft shows.
 * @throws {KernelError} `EINVAL` for a longer one
 * @see libnftnl's include/libnftnl/udata.h
 */
export function encodeComment(comment: string): Buffer {
  const value = Buffer.from(`${comment}\0`)
  if (value.byteLength <= LARGEST) return Buffer.from([NFTNL_UDATA_RULE_COMMENT, value.byteLength, ...value])
  const message = `reading rule comment ${JSON.stringify(comment)}: EINVAL (${value.byteLength - 1} bytes, at most ${LARGEST - 1})`
  throw new KernelError('EINVAL', message, { syscall: 'netlink' })
}

/** The comment among whatever else user data holds; undefined where there is none. */
export function decodeComment(userData: Buffer): string | undefined {
  let offset = 0
  while (offset + 2 <= userData.byteLength) {
    const [type, length = 0] = userData.subarray(offset)
    const value = userData.subarray(offset + 2, offset + 2 + length)
    if (type === NFTNL_UDATA_RULE_COMMENT && value.byteLength === length) return value.toString('utf8').replace(/\0.*$/s, '')
    offset += 2 + length
  }
  return undefined
}
