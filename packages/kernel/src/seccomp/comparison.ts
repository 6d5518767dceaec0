import { type Assembler, type Label, TESTS } from './assembler.ts'
import type { Condition } from './condition.ts'
import type { Alternative } from './verdict.ts'

// In struct seccomp_data: six arguments of 64 bits, the low word first on both machines.
const ARGUMENTS_OFFSET = 16
const ARGUMENT_SIZE = 8
const HIGH_WORD = 4
const EVERY_BIT = 0xffff_ffff

/** The alternative's action where all its conditions hold, else on to `otherwise`. */
export function emitAlternative(assembler: Assembler, { action, conditions, narrow }: Alternative, otherwise: Label): Label {
  return conditions.reduceRight<Label>(
    (next, condition) => emitCondition(assembler, condition, { holds: next, fails: otherwise, narrow }),
    assembler.return(action),
  )
}

function emitCondition(assembler: Assembler, condition: Condition, to: { holds: Label; fails: Label; narrow: boolean }): Label {
  const { narrow } = to
  const [yes, no] = condition.negated ? [to.fails, to.holds] : [to.holds, to.fails]
  if (condition.test === 'masked-equal') return emitEqual(assembler, condition, { yes, no, narrow })
  return emitOrder(assembler, condition, { yes, no, narrow })
}

interface Targets {
  readonly yes: Label
  readonly no: Label
  readonly narrow: boolean
}

function emitEqual(assembler: Assembler, { index, value, mask }: Condition, { yes, no, narrow }: Targets): Label {
  const low = emitWordEqual(assembler, { offset: lowWord(index), value: value.low, mask: mask.low }, { yes, no })
  if (narrow) return low
  return emitWordEqual(assembler, { offset: highWord(index), value: value.high, mask: mask.high }, { yes: low, no })
}

function emitWordEqual(
  assembler: Assembler,
  { offset, value, mask }: { offset: number; value: number; mask: number },
  { yes, no }: { yes: Label; no: Label },
): Label {
  if (mask === 0) return yes
  const compare = assembler.test(TESTS.equal, value, yes, no)
  return assembler.load(offset, mask === EVERY_BIT ? compare : assembler.and(mask, compare))
}

/** The high words decide, unless they are equal. */
function emitOrder(assembler: Assembler, { index, test, value }: Condition, { yes, no, narrow }: Targets): Label {
  const code = test === 'greater' ? TESTS.greater : TESTS.atLeast
  const low = assembler.load(lowWord(index), assembler.test(code, value.low, yes, no))
  if (narrow) return low
  const equal = assembler.test(TESTS.equal, value.high, low, no)
  return assembler.load(highWord(index), assembler.test(TESTS.greater, value.high, yes, equal))
}

function lowWord(index: number): number {
  return ARGUMENTS_OFFSET + index * ARGUMENT_SIZE
}

function highWord(index: number): number {
  return lowWord(index) + HIGH_WORD
}
