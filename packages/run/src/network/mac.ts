import { parseAddress } from '@gocker/kernel'

/**
 * A device's address that follows from its IPv4 address: whoever remembers the last owner of that address finds the next one.
 * Locally administered, as docker makes them.
 */
export function macOf(address: string): string {
  return ['02', '42', ...Array.from(parseAddress(address).bytes.subarray(-4), (byte) => byte.toString(16).padStart(2, '0'))].join(':')
}
