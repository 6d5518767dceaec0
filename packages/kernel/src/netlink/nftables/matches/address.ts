import { type IpFamily, networkOf, parsePrefix } from '../../ip.ts'
import type { Expression } from '../expression.ts'
import { compare, mask } from '../expressions/compare.ts'
import { loadAddressType, loadMeta, loadPayload } from '../expressions/load.ts'
import { NFPROTO } from '../message.ts'

// Where the headers have them: RFC 791 and RFC 8200.
const OFFSETS = { ipv4: { source: 12, destination: 16 }, ipv6: { source: 8, destination: 24 } } as const
const RTN_LOCAL = Buffer.of(2, 0, 0, 0)

/** Packets of one of IP's versions: in a table of `inet`, it must be known before a header is looked at. */
export function ofFamily(family: IpFamily): Expression[] {
  return [loadMeta('nfproto'), compare('equal', Buffer.of(family === 'ipv4' ? NFPROTO.ip : NFPROTO.ip6))]
}

/**
 * Packets whose address is in the prefix; of its version of IP, thus.
 * @param prefix `172.18.0.0/16`, or one address
 * @throws {KernelError} `EINVAL`
 */
export function addressIn(end: 'source' | 'destination', prefix: string): Expression[] {
  const parsed = parsePrefix(prefix)
  const { family, bytes, length } = parsed
  const { network, mask: bits } = networkOf(parsed)
  return [
    ...ofFamily(family),
    loadPayload('network', OFFSETS[family][end], bytes.byteLength),
    ...(length === bytes.byteLength * 8 ? [] : [mask(bits)]),
    compare('equal', network),
  ]
}

/** Packets to an address that is this machine's own. */
export function toLocalAddress(): Expression[] {
  return [loadAddressType('destination'), compare('equal', RTN_LOCAL)]
}
