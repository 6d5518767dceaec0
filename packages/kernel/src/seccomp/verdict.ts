import { actionValue } from './actions.ts'
import type { Architecture } from './architectures.ts'
import { alwaysHolds, argumentIs, type Condition, conditionSets } from './condition.ts'
import { detourOf } from './multiplexed.ts'
import type { SeccompProfile } from './profile.ts'

/** What happens to a system call: an action's value, or the first alternative that holds (none: the default). */
export type Verdict = number | readonly Alternative[]

export interface Alternative {
  readonly conditions: readonly Condition[]
  readonly action: number
  /** Whether only the arguments' low words count. */
  readonly narrow: boolean
}

/** The verdicts by system call number. */
export interface NumberSpace {
  readonly verdicts: ReadonlyMap<number, Verdict>
  /** For a number without a verdict. */
  readonly otherwise: number
  /** The highest number that the rules name, whatever they say of it. */
  readonly newest: number | undefined
}

/** The rules of a profile for one call each, before any architecture's numbers. */
export interface CallRule {
  readonly name: string
  readonly action: number
  readonly conditionSets: readonly (readonly Condition[])[]
}

/** @throws {KernelError} for a rule that cannot be meant */
export function callRules(profile: SeccompProfile): CallRule[] {
  return (profile.syscalls ?? []).flatMap((rule) => {
    const action = actionValue(rule.action, rule.errnoRet)
    const sets = conditionSets(rule)
    return rule.names.map((name) => ({ name, action, conditionSets: sets }))
  })
}

/** What an architecture makes of the rules; calls it does not have are passed over. */
export function numberSpace(architecture: Architecture, rules: readonly CallRule[], defaultAction: number): NumberSpace {
  const verdicts = new Map<number, Verdict>()
  let newest = -1
  for (const rule of rules) {
    const number = architecture.numberOf(rule.name)
    if (number !== undefined && number > newest) newest = number
    // Such a rule says nothing, and must not hide a later one: runc leaves it out too.
    if (rule.action === defaultAction) continue
    if (architecture.multiplexes) addDetour(verdicts, architecture, rule)
    if (number !== undefined) addRule(verdicts, number, rule, architecture.narrow)
  }
  return { verdicts, otherwise: defaultAction, newest: newest < 0 ? undefined : newest }
}

/** A rule without conditions covers all others of its call, and the first such stays: libseccomp's order. */
function addRule(verdicts: Map<number, Verdict>, number: number, { action, conditionSets }: CallRule, narrow: boolean): void {
  for (const set of conditionSets) {
    const before = verdicts.get(number) ?? []
    if (typeof before === 'number') return
    const conditions = set.filter((condition) => !alwaysHolds(condition, narrow))
    verdicts.set(number, conditions.length === 0 ? action : [...before, { action, conditions, narrow }])
  }
}

function addDetour(verdicts: Map<number, Verdict>, { numberOf, narrow }: Architecture, rule: CallRule): void {
  const detour = detourOf(rule.name)
  const number = detour && numberOf(detour.call)
  if (detour === undefined || number === undefined) return
  const conditionSets = rule.conditionSets.map((set) => throughDetour(detour.subFunction, set))
  addRule(verdicts, number, { ...rule, conditionSets }, narrow)
}

/**
 * The detour's first argument is the sub-function, and the call's own are behind a pointer where no filter can look:
 * libseccomp drops the condition on the first and compares the others with what stands there instead. Being stricter
 * here would refuse to 32-bit programs what the same profile gives them under docker.
 */
function throughDetour(subFunction: number, conditions: readonly Condition[]): Condition[] {
  return [argumentIs(0, subFunction), ...conditions.filter((condition) => condition.index !== 0)]
}
