import { aligned } from './attributes.ts'
import { malformed } from './malformed.ts'

const HEADER_SIZE = 4
// The two bits above tell of nesting and of byte order.
const TYPE_MASK = 0x3fff

/**
 * The attributes that `bytes` consist of. Of a type that comes twice, the last is kept, as the kernel reads them.
 * @throws {KernelError} `EBADMSG` where a length leads outside, here and from every reading method
 */
export function decodeAttributes(bytes: Buffer): AttributeReader {
  const values = new Map<number, Buffer>()
  let offset = 0
  while (offset < bytes.byteLength) {
    const left = bytes.byteLength - offset
    const length = left < HEADER_SIZE ? 0 : bytes.readUInt16LE(offset)
    if (length < HEADER_SIZE || length > left) throw malformed(`attribute of ${length} bytes where ${left} are left`)
    values.set(bytes.readUInt16LE(offset + 2) & TYPE_MASK, bytes.subarray(offset + HEADER_SIZE, offset + length))
    offset += aligned(length)
  }
  return new AttributeReader(values)
}

/** Attributes by type; what is absent reads as undefined. */
export class AttributeReader {
  readonly #values: ReadonlyMap<number, Buffer>

  constructor(values: ReadonlyMap<number, Buffer>) {
    this.#values = values
  }

  bytes(type: number): Buffer | undefined {
    return this.#values.get(type)
  }

  u32(type: number): number | undefined {
    return this.#sized(type, 4)?.readUInt32LE()
  }

  u32BigEndian(type: number): number | undefined {
    return this.#sized(type, 4)?.readUInt32BE()
  }

  u64BigEndian(type: number): bigint | undefined {
    return this.#sized(type, 8)?.readBigUInt64BE()
  }

  /** Up to the first NUL, where there is one. */
  text(type: number): string | undefined {
    const value = this.#values.get(type)
    if (value === undefined) return undefined
    const end = value.indexOf(0)
    return value.toString('utf8', 0, end < 0 ? value.byteLength : end)
  }

  nested(type: number): AttributeReader | undefined {
    const value = this.#values.get(type)
    return value === undefined ? undefined : decodeAttributes(value)
  }

  #sized(type: number, size: number): Buffer | undefined {
    const value = this.#values.get(type)
    if (value === undefined || value.byteLength === size) return value
    throw malformed(`attribute ${type} of ${value.byteLength} bytes, expected ${size}`)
  }
}
