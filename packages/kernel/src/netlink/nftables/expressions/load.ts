import { u32BigEndian } from '../../codec/attributes.ts'
import { type Expression, REGISTER } from '../expression.ts'

/** @see nft(8), "meta expressions" */
export const META = { iif: 4, oif: 5, iifname: 6, oifname: 7, nfproto: 15, l4proto: 16 } as const

/** @see nft(8), "conntrack expressions" */
export const CONNECTION = { state: 0, status: 2 } as const

const PAYLOAD_BASES = { link: 0, network: 1, transport: 2 } as const
const NFTA_META = { DREG: 1, KEY: 2 } as const
const NFTA_CT = { DREG: 1, KEY: 2 } as const
const NFTA_PAYLOAD = { DREG: 1, BASE: 2, OFFSET: 3, LEN: 4 } as const
const NFTA_FIB = { DREG: 1, RESULT: 2, FLAGS: 3 } as const
const NFT_FIB_RESULT_ADDRTYPE = 3
const FIB_ADDRESSES = { source: 1, destination: 2 } as const

/** What the kernel knows of a packet beside its bytes. */
export function loadMeta(key: keyof typeof META): Expression {
  return { name: 'meta', attributes: [u32BigEndian(NFTA_META.DREG, REGISTER.FIRST), u32BigEndian(NFTA_META.KEY, META[key])] }
}

/** What the kernel knows of the connection that a packet belongs to. */
export function loadConnection(key: keyof typeof CONNECTION): Expression {
  return { name: 'ct', attributes: [u32BigEndian(NFTA_CT.DREG, REGISTER.FIRST), u32BigEndian(NFTA_CT.KEY, CONNECTION[key])] }
}

/** Bytes of the packet, from the start of a header. */
export function loadPayload(base: keyof typeof PAYLOAD_BASES, offset: number, length: number): Expression {
  return {
    name: 'payload',
    attributes: [
      u32BigEndian(NFTA_PAYLOAD.DREG, REGISTER.FIRST),
      u32BigEndian(NFTA_PAYLOAD.BASE, PAYLOAD_BASES[base]),
      u32BigEndian(NFTA_PAYLOAD.OFFSET, offset),
      u32BigEndian(NFTA_PAYLOAD.LEN, length),
    ],
  }
}

/** Whose an address is, as the routing tables tell: RTN_*. */
export function loadAddressType(address: keyof typeof FIB_ADDRESSES): Expression {
  return {
    name: 'fib',
    attributes: [
      u32BigEndian(NFTA_FIB.DREG, REGISTER.FIRST),
      u32BigEndian(NFTA_FIB.RESULT, NFT_FIB_RESULT_ADDRTYPE),
      u32BigEndian(NFTA_FIB.FLAGS, FIB_ADDRESSES[address]),
    ],
  }
}
