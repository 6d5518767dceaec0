import type { Expression } from '../expression.ts'
import { compare, mask } from '../expressions/compare.ts'
import { loadConnection } from '../expressions/load.ts'

const ESTABLISHED = 1 << 1
const RELATED = 1 << 2
const IPS_DST_NAT = 1 << 5

/** Packets of connections that were let through, and of what belongs to them, such as ICMP errors. */
export function ofKnownConnection(): Expression[] {
  return [loadConnection('state'), ...anyBit(ESTABLISHED | RELATED)]
}

/** Packets of connections that got another destination: those to published ports. */
export function redirected(): Expression[] {
  return [loadConnection('status'), ...anyBit(IPS_DST_NAT)]
}

function anyBit(bits: number): Expression[] {
  return [mask(Buffer.of(bits, 0, 0, 0)), compare('unequal', Buffer.alloc(4))]
}
