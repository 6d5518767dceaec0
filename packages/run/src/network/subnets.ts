import { formatAddress, type IpFamily, networkOf, parseAddress, parsePrefix } from '@gocker/kernel'

/** The first and the last address of a prefix, as numbers. */
export interface AddressRange {
  readonly family: IpFamily
  readonly first: bigint
  readonly last: bigint
}

/** @throws {KernelError} `EINVAL` */
export function rangeOf(prefix: string): AddressRange {
  const parsed = parsePrefix(prefix)
  const first = numberOf(networkOf(parsed).network)
  const size = 1n << BigInt(parsed.bytes.byteLength * 8 - parsed.length)
  return { family: parsed.family, first, last: first + size - 1n }
}

export function overlaps(one: AddressRange, other: AddressRange): boolean {
  return one.family === other.family && one.first <= other.last && other.first <= one.last
}

export function contains(prefix: string, address: string): boolean {
  const { family, first, last } = rangeOf(prefix)
  const number = addressNumber(address)
  return parseAddress(address).family === family && number >= first && number <= last
}

/** Without what its host's part says: `172.20.0.5/20` is in `172.20.0.0/20`. @throws {KernelError} `EINVAL` */
export function canonicalPrefix(prefix: string): string {
  const parsed = parsePrefix(prefix)
  return `${formatAddress(networkOf(parsed).network)}/${parsed.length}`
}

/** @throws {KernelError} `EINVAL` */
export function addressNumber(address: string): bigint {
  return numberOf(parseAddress(address).bytes)
}

export function addressText(family: IpFamily, number: bigint): string {
  const digits = number.toString(16).padStart(family === 'ipv4' ? 8 : 32, '0')
  return formatAddress(Buffer.from(digits, 'hex')) ?? ''
}

export function prefixLength(prefix: string): number {
  return parsePrefix(prefix).length
}

function numberOf(bytes: Uint8Array): bigint {
  return BigInt(`0x${Buffer.from(bytes).toString('hex')}`)
}
