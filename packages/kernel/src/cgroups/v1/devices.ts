import { inUserNamespace } from '../../door/user-namespace.ts'
import type { Controller } from '../controller.ts'
import { type ExactDeviceRule, exactRules, rulesOverlap } from '../device-rules.ts'
import { cannotHold } from '../files.ts'

/** Rules count in their order, after everything has been denied. @see https://docs.kernel.org/admin-guide/cgroup-v1/devices.html */
export const devicesV1: Controller = {
  name: 'devices',

  settings({ devices = [] }) {
    // Refused to whoever is not the machine's root; but neither can anybody else make a device.
    if (devices.length === 0 || inUserNamespace()) return []
    const rules = exactRules(devices)
    for (const [index, rule] of rules.entries()) checkHole(rule, rules.slice(0, index))
    return [
      { file: 'devices.deny', value: 'a' },
      ...rules.map((rule) => ({ file: rule.allow ? 'devices.allow' : 'devices.deny', value: ruleText(rule) })),
    ]
  },
}

/**
 * The kernel keeps a list of exceptions from what holds for everything, takes only the very same one off it, and does not say so where there
 * is none. What is no exception is not kept: a later one may be wider.
 */
function checkHole(rule: ExactDeviceRule, before: readonly ExactDeviceRule[]): void {
  const everything = before.findLastIndex(({ type }) => type === 'a')
  if (rule.allow !== (before[everything]?.allow ?? false)) return
  const sinceEverything = before.slice(everything + 1)
  const cut = sinceEverything.find((other) => other.allow !== rule.allow && rulesOverlap(other, rule) && !isSameDevice(other, rule))
  if (cut !== undefined) throw cannotHold('devices', `cgroup v1 cannot take ${ruleText(rule)} out of ${ruleText(cut)}`)
}

function isSameDevice(a: ExactDeviceRule, b: ExactDeviceRule): boolean {
  return a.major === b.major && a.minor === b.minor
}

/** `c 1:3 rwm`, `b *:* m`, and `a` for everything. */
function ruleText({ type, major, minor, access }: ExactDeviceRule): string {
  return type === 'a' ? type : `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`
}
