import type { Attribute } from '../codec/attributes.ts'

/** One instruction of a rule: loads a register, compares one, or ends the rule with a verdict. Rules go on while comparisons hold. */
export interface Expression {
  readonly name: string
  readonly attributes: readonly Attribute[]
}

/** Of 16 bytes each; REG_1 is what loads fill, and comparisons read, unless said otherwise. */
export const REGISTER = { VERDICT: 0, FIRST: 1, SECOND: 2 } as const

/** NFTA_DATA_VALUE of an attribute that holds data. */
export function data(type: number, value: Uint8Array): Attribute {
  return { type, value: [{ type: NFTA_DATA_VALUE, value }] }
}

const NFTA_DATA_VALUE = 1
