import type { Controller } from '../controller.ts'
import type { DeviceRule } from '../resources.ts'

/** Rules count in their order, after everything has been denied. @see https://docs.kernel.org/admin-guide/cgroup-v1/devices.html */
export const devicesV1: Controller = {
  name: 'devices',

  settings({ devices = [] }) {
    if (devices.length === 0) return []
    const rules = devices.map((rule) => ({ file: rule.allow ? 'devices.allow' : 'devices.deny', value: ruleText(rule) }))
    return [{ file: 'devices.deny', value: 'a' }, ...rules]
  },
}

/** `c 1:3 rwm`, `b *:* m`. The kernel takes `a` for everything, whatever follows it. */
function ruleText({ type = 'a', major, minor, access = 'rwm' }: DeviceRule): string {
  return type === 'a' ? 'a' : `${type} ${major ?? '*'}:${minor ?? '*'} ${access}`
}
