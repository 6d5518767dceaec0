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

/** The verdicts of the calls that an architecture has, by number; calls it does not have are passed over. */
export function verdictsFor(architecture: Architecture, rules: readonly CallRule[], defaultAction: number): Map<number, Verdict> {
  const verdicts = new Map<number, Verdict>()
  const numbers = architecture.numbers()
  for (const { name, action, conditionSets } of rules) {
    // Such a rule says nothing, and must not hide a later one: runc leaves it out too.
    if (action === defaultAction) continue
    const number = numbers.get(name)
    const detour = architecture.multiplexes ? detourOf(name) : undefined
    for (const conditions of conditionSets) {
      const rule = { action, conditions, narrow: architecture.narrow }
      if (detour) addRule(verdicts, numbers.get(detour.call), { ...rule, conditions: throughDetour(detour.subFunction, conditions) })
      addRule(verdicts, number, rule)
    }
  }
  return verdicts
}

/** The highest number that the rules name, whatever they say of it. */
export function newestCall(architecture: Architecture, rules: readonly CallRule[]): number | undefined {
  const numbers = architecture.numbers()
  return rules.reduce<number | undefined>((newest, { name }) => {
    const number = numbers.get(name)
    return number === undefined || (newest !== undefined && newest > number) ? newest : number
  }, undefined)
}

/** A rule without conditions covers all others of its call, and the first such stays: libseccomp's order. */
function addRule(verdicts: Map<number, Verdict>, number: number | undefined, rule: Alternative): void {
  if (number === undefined) return
  const before = verdicts.get(number) ?? []
  if (typeof before === 'number') return
  const conditions = rule.conditions.filter((condition) => !alwaysHolds(condition, rule.narrow))
  verdicts.set(number, conditions.length === 0 ? rule.action : [...before, { ...rule, conditions }])
}

/**
 * The detour's first argument is the sub-function, and the call's own are behind a pointer where no filter can look:
 * libseccomp drops the condition on the first and compares the others with what stands there instead. Being stricter
 * here would refuse to 32-bit programs what the same profile gives them under docker.
 */
function throughDetour(subFunction: number, conditions: readonly Condition[]): Condition[] {
  return [argumentIs(0, subFunction), ...conditions.filter((condition) => condition.index !== 0)]
}
