import type { Attribute } from '../codec/attributes.ts'
import type { NetlinkRequest } from '../exchange.ts'
import { NFPROTO, netfilterHeader, nftablesType, type TableFamily } from './message.ts'

/** One step of a transaction. Made by addTable, addRule, ...; done by commit. */
export type Change = NetlinkRequest

export interface ChangeParts {
  /** Of NFT_MSG. */
  readonly message: number
  readonly family: TableFamily
  readonly flags?: number
  readonly attributes: readonly Attribute[]
  readonly what: string
}

export function change({ message, family, flags = 0, attributes, what }: ChangeParts): Change {
  return { type: nftablesType(message), flags, header: netfilterHeader(NFPROTO[family]), attributes, what }
}
