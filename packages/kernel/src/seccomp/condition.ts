import type { SeccompArgument, SeccompRule } from './profile.ts'
import { invalidProfile } from './refusal.ts'

/** A comparison of one argument, in the two words that BPF sees of it. */
export interface Condition {
  readonly index: number
  readonly test: 'masked-equal' | 'greater' | 'at-least'
  /** Whether the condition holds when the test does not. */
  readonly negated: boolean
  readonly value: Words
  readonly mask: Words
}

interface Words {
  readonly high: number
  readonly low: number
}

type Comparison = Pick<Condition, 'test' | 'negated'>

const COMPARISONS: Readonly<Record<string, Comparison>> = {
  SCMP_CMP_EQ: { test: 'masked-equal', negated: false },
  SCMP_CMP_NE: { test: 'masked-equal', negated: true },
  SCMP_CMP_GT: { test: 'greater', negated: false },
  SCMP_CMP_LE: { test: 'greater', negated: true },
  SCMP_CMP_GE: { test: 'at-least', negated: false },
  SCMP_CMP_LT: { test: 'at-least', negated: true },
  SCMP_CMP_MASKED_EQ: { test: 'masked-equal', negated: false },
}

const MAX_ARGUMENTS = 6
const WORD = 2 ** 32
const EVERY_BIT: Words = { high: WORD - 1, low: WORD - 1 }

/**
 * The conditions of a rule: one of the sets has to hold, each as a whole.
 *
 * There is one set, unless an argument is named twice: libseccomp cannot compare an argument twice in a rule, and runc
 * makes then a rule of each condition. Profiles are written for that.
 * @throws {KernelError} `EINVAL`
 */
export function conditionSets(rule: SeccompRule): Condition[][] {
  const conditions = (rule.args ?? []).map(toCondition)
  const indexes = new Set(conditions.map((condition) => condition.index))
  return indexes.size < conditions.length ? conditions.map((condition) => [condition]) : [conditions]
}

/** That the argument equals a small number. */
export function argumentIs(index: number, value: number): Condition {
  return { index, test: 'masked-equal', negated: false, value: words(value), mask: EVERY_BIT }
}

/** Whether the condition looks at no bit at all. */
export function alwaysHolds({ mask }: Condition, narrow: boolean): boolean {
  return mask.low === 0 && (narrow || mask.high === 0)
}

function toCondition({ index, op, value, valueTwo }: SeccompArgument): Condition {
  const comparison = COMPARISONS[op]
  if (comparison === undefined)
    throw invalidProfile(`unknown operator ${JSON.stringify(op)}, expected one of ${Object.keys(COMPARISONS).join(', ')}`)
  if (!Number.isInteger(index) || index < 0 || index >= MAX_ARGUMENTS) throw invalidProfile(`argument index ${index}, expected 0 to 5`)
  if (op !== 'SCMP_CMP_MASKED_EQ') return { index, ...comparison, value: words(value), mask: EVERY_BIT }
  const mask = words(value)
  return { index, ...comparison, value: masked(words(valueTwo ?? 0), mask), mask }
}

function masked(value: Words, mask: Words): Words {
  return { high: (value.high & mask.high) >>> 0, low: (value.low & mask.low) >>> 0 }
}

function words(value: number): Words {
  if (!Number.isInteger(value) || value < 0 || value >= WORD * WORD)
    throw invalidProfile(`argument value ${value}, expected an integer of 64 bits`)
  return { high: Math.floor(value / WORD), low: value % WORD }
}
