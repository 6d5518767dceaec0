import { u32BigEndian } from '../../codec/attributes.ts'
import { data, type Expression, REGISTER } from '../expression.ts'

const OPERATORS = { equal: 0, unequal: 1 } as const
const NFTA_CMP = { SREG: 1, OP: 2, DATA: 3 } as const
const NFTA_BITWISE = { SREG: 1, DREG: 2, LEN: 3, MASK: 4, XOR: 5 } as const

/** Ends the rule unless what was loaded is, or is not, `value`. */
export function compare(operator: keyof typeof OPERATORS, value: Uint8Array): Expression {
  return {
    name: 'cmp',
    attributes: [u32BigEndian(NFTA_CMP.SREG, REGISTER.FIRST), u32BigEndian(NFTA_CMP.OP, OPERATORS[operator]), data(NFTA_CMP.DATA, value)],
  }
}

/** Keeps the bits of `mask` of what was loaded. */
export function mask(bits: Uint8Array): Expression {
  return {
    name: 'bitwise',
    attributes: [
      u32BigEndian(NFTA_BITWISE.SREG, REGISTER.FIRST),
      u32BigEndian(NFTA_BITWISE.DREG, REGISTER.FIRST),
      u32BigEndian(NFTA_BITWISE.LEN, bits.byteLength),
      data(NFTA_BITWISE.MASK, bits),
      data(NFTA_BITWISE.XOR, Buffer.alloc(bits.byteLength)),
    ],
  }
}
