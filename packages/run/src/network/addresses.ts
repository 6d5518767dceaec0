import type { NetworkSubnet } from '@gocker/store'
import { RunError } from '../error.ts'
import type { NetworkState } from './state.ts'
import { addressNumber, addressText, contains, rangeOf } from './subnets.ts'

/**
 * An address that nobody has: the one asked for, or else the next behind the one that was given last.
 * @returns without its prefix's length
 * @throws {RunError} `INVALID_OPTION`, `ADDRESS_TAKEN`, `NETWORK_FAILED`
 */
export function takeAddress(state: NetworkState, { subnet, gateway, range }: NetworkSubnet, asked: string | undefined): string {
  const taken = takenAddresses(state, subnet)
  if (asked !== undefined) return checkAsked({ asked, subnet, gateway }, taken)
  const used = new Set([...taken.keys(), addressNumber(gateway)])
  const address = nextFree(usable(subnet, range), used, state.last[subnet])
  if (address === undefined)
    throw new RunError('NETWORK_FAILED', `taking an address of ${range ?? subnet}: all of them are taken`, {
      hint: 'remove containers, or create a network with a larger subnet',
    })
  state.last[subnet] = address
  return address
}

interface Usable {
  readonly family: 'ipv4' | 'ipv6'
  readonly first: bigint
  readonly last: bigint
}

/** Neither the network's own address nor the one that means all: IPv6 knows only the first of these. */
function usable(subnet: string, range: string | undefined): Usable {
  const whole = rangeOf(subnet)
  const part = rangeOf(range ?? subnet)
  const lowest = whole.first + 1n
  const highest = whole.family === 'ipv4' ? whole.last - 1n : whole.last
  return {
    family: whole.family,
    first: part.first > lowest ? part.first : lowest,
    last: part.last < highest ? part.last : highest,
  }
}

function nextFree({ family, first, last }: Usable, used: ReadonlySet<bigint>, before: string | undefined): string | undefined {
  const start = before === undefined ? first : addressNumber(before) + 1n
  for (let at = start; at <= last; at++) if (at >= first && !used.has(at)) return addressText(family, at)
  for (let at = first; at < start && at <= last; at++) if (!used.has(at)) return addressText(family, at)
  return undefined
}

function takenAddresses({ members }: NetworkState, subnet: string): Map<bigint, string> {
  const { family } = rangeOf(subnet)
  const taken = new Map<bigint, string>()
  for (const { name, endpoints } of Object.values(members))
    for (const { address, address6 } of endpoints) {
      const own = (family === 'ipv4' ? address : address6)?.split('/')[0]
      if (own !== undefined && contains(subnet, own)) taken.set(addressNumber(own), name)
    }
  return taken
}

function checkAsked(
  { asked, subnet, gateway }: { asked: string; subnet: string; gateway: string },
  taken: ReadonlyMap<bigint, string>,
): string {
  const { family, first, last } = rangeOf(subnet)
  const number = addressNumber(asked)
  if (!contains(subnet, asked)) throw new RunError('INVALID_OPTION', `taking address ${asked}: it is not in the network's subnet ${subnet}`)
  const isReserved = number === first || (family === 'ipv4' && number === last)
  if (isReserved || number === addressNumber(gateway))
    throw new RunError('INVALID_OPTION', `taking address ${asked}: it is ${isReserved ? "the subnet's own" : "the gateway's"}`)
  const owner = taken.get(number)
  if (owner !== undefined) throw new RunError('ADDRESS_TAKEN', `taking address ${asked}: container ${owner} has it`)
  return addressText(family, number)
}
