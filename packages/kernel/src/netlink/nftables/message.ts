import { type AttributeReader, decodeAttributes } from '../codec/attribute-reader.ts'
import { type Attribute, text } from '../codec/attributes.ts'
import { afterHeader, type NetlinkMessage } from '../codec/messages.ts'

/** Which packets a table sees: those of IPv4, of IPv6, or both. */
export type TableFamily = 'ip' | 'ip6' | 'inet'

/** A table by its name, which is its family's. */
export interface TableName {
  readonly family: TableFamily
  readonly name: string
}

/** Of NFNL_SUBSYS_NFTABLES. @see include/uapi/linux/netfilter/nf_tables.h */
export const NFT_MSG = {
  NEWTABLE: 0,
  GETTABLE: 1,
  DELTABLE: 2,
  NEWCHAIN: 3,
  GETCHAIN: 4,
  DELCHAIN: 5,
  NEWRULE: 6,
  GETRULE: 7,
  DELRULE: 8,
  GETGEN: 16,
} as const

/** Netfilter's protocol families. */
export const NFPROTO = { unspecified: 0, inet: 1, ip: 2, ip6: 10 } as const

/** Under which a batch is filed, and its messages. */
export const NFNL_SUBSYS_NFTABLES = 10

const HEADER_SIZE = 4

export function nftablesType(message: number): number {
  return (NFNL_SUBSYS_NFTABLES << 8) | message
}

/** `struct nfgenmsg`. */
export function netfilterHeader(family: number, resource = 0): Buffer {
  const header = Buffer.alloc(HEADER_SIZE)
  header.writeUInt8(family, 0)
  header.writeUInt16BE(resource, 2)
  return header
}

/** @throws {KernelError} `EBADMSG` */
export function decodeNetfilter({ payload }: Pick<NetlinkMessage, 'payload'>): { family: number; attributes: AttributeReader } {
  const attributes = decodeAttributes(afterHeader(payload, HEADER_SIZE))
  return { family: payload.readUInt8(0), attributes }
}

/** undefined of ARP's, of bridges' and of devices' tables. */
export function familyName(family: number): TableFamily | undefined {
  return (['ip', 'ip6', 'inet'] as const).find((name) => NFPROTO[name] === family)
}

/** For errors: `inet gocker`. */
export function tableText({ family, name }: TableName): string {
  return `${family} ${name}`
}

/** A list of which every element is of the one type that lists have. */
export function list(type: number, elements: readonly (readonly Attribute[])[]): Attribute {
  return { type, value: elements.map((value) => ({ type: NFTA_LIST_ELEM, value })) }
}

/** An expression, and other things with a name and attributes of their own. */
export function named(name: string, attributes: readonly Attribute[]): Attribute[] {
  return [text(NFTA_EXPR_NAME, name), { type: NFTA_EXPR_DATA, value: attributes }]
}

const NFTA_LIST_ELEM = 1
const NFTA_EXPR_NAME = 1
const NFTA_EXPR_DATA = 2
