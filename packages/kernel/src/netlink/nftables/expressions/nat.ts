import { u32BigEndian } from '../../codec/attributes.ts'
import { parseAddress } from '../../ip.ts'
import { data, type Expression, REGISTER } from '../expression.ts'
import { NFPROTO } from '../message.ts'

const NFTA_IMMEDIATE = { DREG: 1, DATA: 2 } as const
const NFTA_NAT = { TYPE: 1, FAMILY: 2, REG_ADDR_MIN: 3, REG_PROTO_MIN: 5 } as const
const NFT_NAT_DNAT = 1

/** Gives a connection the source address of the link by which it leaves. Of a nat chain at postrouting. */
export const masquerade: Expression = { name: 'masq', attributes: [] }

/**
 * Gives a connection another destination; only where the protocol has ports. Of a nat chain at prerouting or output.
 * @throws {KernelError} `EINVAL` for what is no address
 */
export function destinationNat(address: string, port: number): Expression[] {
  const { family, bytes } = parseAddress(address)
  const portBytes = Buffer.alloc(2)
  portBytes.writeUInt16BE(port)
  return [
    immediate(REGISTER.FIRST, bytes),
    immediate(REGISTER.SECOND, portBytes),
    {
      name: 'nat',
      attributes: [
        u32BigEndian(NFTA_NAT.TYPE, NFT_NAT_DNAT),
        u32BigEndian(NFTA_NAT.FAMILY, family === 'ipv4' ? NFPROTO.ip : NFPROTO.ip6),
        u32BigEndian(NFTA_NAT.REG_ADDR_MIN, REGISTER.FIRST),
        u32BigEndian(NFTA_NAT.REG_PROTO_MIN, REGISTER.SECOND),
      ],
    },
  ]
}

function immediate(register: number, value: Uint8Array): Expression {
  return { name: 'immediate', attributes: [u32BigEndian(NFTA_IMMEDIATE.DREG, register), data(NFTA_IMMEDIATE.DATA, value)] }
}
