import type { Controller } from '../controller.ts'
import { keyedValues } from '../keyed-values.ts'

/** @see https://docs.kernel.org/scheduler/sched-bwc.html */
export const cpuV1: Controller = {
  name: 'cpu',

  settings({ cpu = {} }) {
    const values: readonly [file: string, value: number | undefined][] = [
      ['cpu.shares', cpu.shares || undefined],
      ['cpu.cfs_period_us', cpu.period || undefined],
      ['cpu.cfs_quota_us', cpu.quota || undefined],
      // No more than the quota, which is there by now.
      ['cpu.cfs_burst_us', cpu.burst],
      ['cpu.rt_period_us', cpu.realtimePeriod || undefined],
      ['cpu.rt_runtime_us', cpu.realtimeRuntime || undefined],
      ['cpu.idle', cpu.idle],
    ]
    return values.flatMap(([file, value]) => (value === undefined ? [] : [{ file, value: `${value}` }]))
  },

  stats(read) {
    const text = read('cpu.stat')
    if (text === undefined) return {}
    const { nr_periods: periods = 0, nr_throttled: throttledPeriods = 0, throttled_time: nanoseconds = 0 } = keyedValues(text)
    return { throttling: { periods, throttledPeriods, throttled: Math.round(nanoseconds / 1000) } }
  },
}
