import type { Controller, ReadFile, Setting } from '../controller.ts'
import { cannotHold } from '../files.ts'
import { keyedValues } from '../keyed-values.ts'
import type { CpuResources } from '../resources.ts'

const MAX = 'cpu.max'
const DEFAULT_PERIOD = '100000'

/** @see https://docs.kernel.org/admin-guide/cgroup-v2.html#cpu-interface-files */
export const cpuV2: Controller = {
  name: 'cpu',

  settings({ cpu = {} }, read) {
    if (cpu.realtimeRuntime || cpu.realtimePeriod) throw cannotHold('cpu', 'cgroup v2 has no real-time budget')
    return [
      ...(cpu.shares ? [{ file: 'cpu.weight', value: `${weightOfShares(cpu.shares)}` }] : []),
      ...bandwidth(cpu, read),
      ...(cpu.burst === undefined ? [] : [{ file: 'cpu.max.burst', value: `${cpu.burst}` }]),
      ...(cpu.idle === undefined ? [] : [{ file: 'cpu.idle', value: `${cpu.idle}` }]),
    ]
  },

  stats(read) {
    const text = read('cpu.stat')
    if (text === undefined) return {}
    const counted = keyedValues(text)
    const { usage_usec: usage = 0, user_usec: user = 0, system_usec: system = 0 } = counted
    const { nr_periods: periods, nr_throttled: throttledPeriods = 0, throttled_usec: throttled = 0 } = counted
    // The kernel counts time in every cgroup, periods only where the controller is.
    return { cpu: { usage, user, system }, ...(periods === undefined ? {} : { throttling: { periods, throttledPeriods, throttled } }) }
  },
}

/**
 * 2, 1024 and 262144 shares are 1, 100 and 10000 of weight: the ends and the defaults meet.
 * @see https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2254-cgroup-v2
 */
export function weightOfShares(shares: number): number {
  const exponent = Math.log2(Math.min(Math.max(shares, 2), 262_144))
  return Math.ceil(10 ** ((exponent ** 2 + 125 * exponent) / 612 - 7 / 34))
}

function bandwidth({ quota, period }: CpuResources, read: ReadFile): Setting[] {
  if (!quota && !period) return []
  const [quotaNow = 'max', periodNow = DEFAULT_PERIOD] = read(MAX)?.split(' ') ?? []
  const wanted = quota ? (quota < 0 ? 'max' : `${quota}`) : quotaNow
  return [{ file: MAX, value: `${wanted} ${period || periodNow}` }]
}
