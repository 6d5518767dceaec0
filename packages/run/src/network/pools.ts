import { randomHex } from '@gocker/store'
import { RunError } from '../error.ts'
import { type AddressRange, addressText, overlaps, prefixLength, rangeOf } from './subnets.ts'

/** Where subnets come from that nobody asked for: not docker's, nor podman's. */
const POOLS = [
  { pool: '172.20.0.0/14', length: 20 },
  { pool: '172.24.0.0/13', length: 20 },
  { pool: '192.168.128.0/17', length: 24 },
] as const

/**
 * The first subnet of the pools that overlaps nothing of `taken`.
 * @throws {RunError} `NETWORK_FAILED`
 */
export function freeSubnet(taken: readonly AddressRange[]): string {
  for (const { pool, length } of POOLS) {
    const { first, last } = rangeOf(pool)
    const step = 1n << BigInt(32 - length)
    for (let at = first; at <= last; at += step) {
      const subnet = `${addressText('ipv4', at)}/${length}`
      const range = rangeOf(subnet)
      if (!taken.some((other) => overlaps(range, other))) return subnet
    }
  }
  throw new RunError('NETWORK_FAILED', 'choosing a subnet: every one that gocker knows overlaps a route of this machine', {
    hint: 'give one yourself: gocker network create --subnet 10.1.2.0/24 NAME',
  })
}

/** One of 2^40 local networks that nobody else has. @see https://www.rfc-editor.org/rfc/rfc4193 */
export function randomLocalSubnet(): string {
  const digits = `fd${randomHex(5)}`
  return `${digits.slice(0, 4)}:${digits.slice(4, 8)}:${digits.slice(8, 12)}::/64`.replace(/:0{1,3}(?=[\da-f])/g, ':')
}

/** The first address of a subnet that a machine can have. */
export function firstAddress(subnet: string): string {
  const { family, first, last } = rangeOf(subnet)
  if (last - first < 3n)
    throw new RunError('INVALID_OPTION', `using subnet ${subnet}: it has no room for a gateway and a container`, {
      hint: `a prefix of at most ${prefixLength(subnet) > 32 ? 126 : 30} bits`,
    })
  return addressText(family, first + 1n)
}
