import { type Attribute, text, u32BigEndian } from '../../codec/attributes.ts'
import { type Expression, REGISTER } from '../expression.ts'

/** What a rule decides. Acceptance ends this table's chain only; those of other tables may still drop. */
export type Verdict = 'accept' | 'drop' | 'return' | { readonly jump: string } | { readonly goto: string }

const NFTA_IMMEDIATE = { DREG: 1, DATA: 2 } as const
const NFTA_DATA_VERDICT = 2
const NFTA_VERDICT = { CODE: 1, CHAIN: 2 } as const
const CODES = { drop: 0, accept: 1, jump: -3, goto: -4, return: -5 } as const

export function verdict(decision: Verdict): Expression {
  const value = [{ type: NFTA_DATA_VERDICT, value: verdictAttributes(decision) }]
  return { name: 'immediate', attributes: [u32BigEndian(NFTA_IMMEDIATE.DREG, REGISTER.VERDICT), { type: NFTA_IMMEDIATE.DATA, value }] }
}

function verdictAttributes(decision: Verdict): Attribute[] {
  if (typeof decision === 'string') return [u32BigEndian(NFTA_VERDICT.CODE, CODES[decision])]
  const [code, chain] = 'jump' in decision ? [CODES.jump, decision.jump] : [CODES.goto, decision.goto]
  return [u32BigEndian(NFTA_VERDICT.CODE, code), text(NFTA_VERDICT.CHAIN, chain)]
}
