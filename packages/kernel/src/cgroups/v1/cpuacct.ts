import type { Controller } from '../controller.ts'

/** Counts only. @see https://docs.kernel.org/admin-guide/cgroup-v1/cpuacct.html */
export const cpuacctV1: Controller = {
  name: 'cpuacct',

  stats(read) {
    const usage = read('cpuacct.usage')
    if (usage === undefined) return {}
    const microseconds = (nanoseconds: string | undefined): number => Math.round(Number(nanoseconds ?? 0) / 1000)
    return {
      cpu: {
        usage: microseconds(usage),
        user: microseconds(read('cpuacct.usage_user')),
        system: microseconds(read('cpuacct.usage_sys')),
      },
    }
  },
}
