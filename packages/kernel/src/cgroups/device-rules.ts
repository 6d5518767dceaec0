import { KernelError } from '../error.ts'
import type { DeviceRule } from './resources.ts'

/** A rule with nothing left open: the kind `a` is every device, number and access. */
export interface ExactDeviceRule {
  readonly allow: boolean
  readonly type: 'a' | 'b' | 'c'
  /** Any number when missing. */
  readonly major: number | undefined
  readonly minor: number | undefined
  readonly access: string
}

const EVERY_ACCESS = 'rwm'

/**
 * Writes rules out. One for both kinds of devices that does not mean all of them becomes two: the kernel would take it for everything.
 * @throws {KernelError} `EINVAL` for an access that is none of `rwm`
 */
export function exactRules(rules: readonly DeviceRule[]): ExactDeviceRule[] {
  return rules.flatMap(({ allow, type = 'a', major, minor, access = EVERY_ACCESS }): ExactDeviceRule[] => {
    checkAccess(access)
    const rule = { allow, major: numberOf(major), minor: numberOf(minor), access }
    if (type !== 'a') return [{ ...rule, type }]
    const isEverything = rule.major === undefined && rule.minor === undefined && [...EVERY_ACCESS].every((each) => access.includes(each))
    return isEverything
      ? [{ ...rule, type }]
      : [
          { ...rule, type: 'b' },
          { ...rule, type: 'c' },
        ]
  })
}

/** Whether one use of a device can meet both rules. */
export function rulesOverlap(a: ExactDeviceRule, b: ExactDeviceRule): boolean {
  const meet = <Value>(one: Value | undefined, other: Value | undefined): boolean =>
    one === undefined || other === undefined || one === other
  const sameAccess = [...a.access].some((each) => b.access.includes(each))
  return sameAccess && a.type === b.type && meet(a.major, b.major) && meet(a.minor, b.minor)
}

/** -1 is how some write any. */
function numberOf(number: number | undefined): number | undefined {
  return number === undefined || number < 0 ? undefined : number
}

function checkAccess(access: string): void {
  if (/^[rwm]+$/.test(access)) return
  throw new KernelError('EINVAL', `reading device access ${JSON.stringify(access)}: not some of rwm`, { syscall: 'cgroup devices' })
}
