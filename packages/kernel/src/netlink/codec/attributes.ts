import { KernelError } from '../../error.ts'

/** A typed value of a message; a list is a value that nests further attributes. */
export interface Attribute {
  readonly type: number
  readonly value: Uint8Array | readonly Attribute[]
}

const HEADER_SIZE = 4
const LARGEST_VALUE = 0xffff - HEADER_SIZE
const NLA_F_NESTED = 0x8000

/** What of a message or of an attribute comes next starts at a multiple of four bytes. @see netlink(7), NLMSG_ALIGN, NLA_ALIGN */
export function aligned(size: number): number {
  return (size + 3) & ~3
}

/**
 * `struct nlattr` and its value, each padded to four bytes.
 * @throws {KernelError} `EMSGSIZE` for a value that no attribute can hold
 * @see https://docs.kernel.org/userspace-api/netlink/intro.html
 */
export function encodeAttributes(attributes: readonly Attribute[]): Buffer {
  return Buffer.concat(attributes.map(encodeAttribute))
}

function encodeAttribute({ type, value }: Attribute): Buffer {
  const isNested = !(value instanceof Uint8Array)
  const bytes = isNested ? encodeAttributes(value) : value
  if (bytes.byteLength > LARGEST_VALUE)
    throw new KernelError('EMSGSIZE', `netlink attribute ${type}: EMSGSIZE (${bytes.byteLength} bytes, at most ${LARGEST_VALUE})`, {
      syscall: 'netlink',
    })
  const encoded = Buffer.alloc(aligned(HEADER_SIZE + bytes.byteLength))
  encoded.writeUInt16LE(HEADER_SIZE + bytes.byteLength, 0)
  encoded.writeUInt16LE(isNested ? type | NLA_F_NESTED : type, 2)
  encoded.set(bytes, HEADER_SIZE)
  return encoded
}

/** Names a value for the kernel, which takes text up to its NUL. */
export function text(type: number, value: string): Attribute {
  return { type, value: Buffer.from(`${value}\0`) }
}

export function u8(type: number, value: number): Attribute {
  return { type, value: Buffer.of(value) }
}

/** Of the machine's byte order, as rtnetlink has its numbers: x64 and arm64 are little-endian. */
export function u32(type: number, value: number): Attribute {
  const bytes = Buffer.alloc(4)
  bytes.writeUInt32LE(value)
  return { type, value: bytes }
}

/** Of the network's byte order, as netfilter has its numbers. */
export function u32BigEndian(type: number, value: number): Attribute {
  const bytes = Buffer.alloc(4)
  bytes.writeInt32BE(value | 0)
  return { type, value: bytes }
}

/** Of the network's byte order, as netfilter has its numbers. */
export function u64BigEndian(type: number, value: bigint): Attribute {
  const bytes = Buffer.alloc(8)
  bytes.writeBigUInt64BE(value)
  return { type, value: bytes }
}
