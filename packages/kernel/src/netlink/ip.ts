import { isIPv4, isIPv6, SocketAddress } from 'node:net'
import { KernelError } from '../error.ts'

export interface IpAddress {
  readonly family: IpFamily
  /** 4 or 16, as they travel. */
  readonly bytes: Buffer
}

export interface IpPrefix extends IpAddress {
  /** Bits of the network's part. */
  readonly length: number
}

export type IpFamily = 'ipv4' | 'ipv6'

/**
 * @param text `172.18.0.2` or `fd00::2`
 * @throws {KernelError} `EINVAL`
 */
export function parseAddress(text: string): IpAddress {
  if (isIPv4(text)) return { family: 'ipv4', bytes: Buffer.from(text.split('.').map(Number)) }
  if (isIPv6(text) && !text.includes('%')) return { family: 'ipv6', bytes: ipv6Bytes(text) }
  throw invalid('address', text, 'expected an IPv4 or IPv6 address')
}

/**
 * @param text `172.18.0.1/16` or `fd00::1/64`; an address alone is the prefix of that one address
 * @throws {KernelError} `EINVAL`
 */
export function parsePrefix(text: string): IpPrefix {
  const [addressText = '', lengthText, ...rest] = text.split('/')
  const address = parseAddress(addressText)
  const bits = address.bytes.byteLength * 8
  if (lengthText === undefined) return { ...address, length: bits }
  const length = Number(lengthText)
  if (rest.length > 0 || !/^\d{1,3}$/.test(lengthText) || length > bits)
    throw invalid('prefix', text, `expected a length from 0 to ${bits}`)
  return { ...address, length }
}

/** The network's mask, and the address without its host's part. */
export function networkOf({ bytes, length }: IpPrefix): { network: Buffer; mask: Buffer } {
  const mask = Buffer.from(bytes.map((_, index) => 0xff & (0xff00 >> Math.min(8, Math.max(0, length - index * 8)))))
  return { mask, network: Buffer.from(bytes.map((byte, index) => byte & (mask[index] ?? 0))) }
}

/**
 * In the canonical form: `fd00::2`.
 * @param bytes 4 or 16; undefined of any other number
 * @see https://www.rfc-editor.org/rfc/rfc5952
 */
export function formatAddress(bytes: Uint8Array): string | undefined {
  if (bytes.byteLength === 4) return bytes.join('.')
  if (bytes.byteLength !== 16) return undefined
  const address = Array.from({ length: 8 }, (_, group) => hexGroup(bytes, group)).join(':')
  return new SocketAddress({ family: 'ipv6', address }).address
}

function hexGroup(bytes: Uint8Array, group: number): string {
  return (((bytes[group * 2] ?? 0) << 8) | (bytes[group * 2 + 1] ?? 0)).toString(16)
}

function ipv6Bytes(text: string): Buffer {
  const [head = '', tail] = text.split('::')
  const front = groupBytes(head)
  const back = groupBytes(tail ?? '')
  return Buffer.from([...front, ...Array<number>(16 - front.length - back.length).fill(0), ...back])
}

function groupBytes(groups: string): number[] {
  if (groups === '') return []
  return groups.split(':').flatMap((group) => {
    if (group.includes('.')) return group.split('.').map(Number)
    const value = Number.parseInt(group, 16)
    return [value >> 8, value & 0xff]
  })
}

function invalid(what: string, text: string, why: string): KernelError {
  return new KernelError('EINVAL', `reading IP ${what} ${JSON.stringify(text)}: EINVAL (${why})`, { syscall: 'netlink' })
}
