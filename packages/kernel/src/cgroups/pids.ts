import type { Controller } from './controller.ts'
import { readLimit } from './keyed-values.ts'

/** The one controller whose files are the same in both versions. @see https://docs.kernel.org/admin-guide/cgroup-v1/pids.html */
export const pids: Controller = {
  name: 'pids',

  settings({ pids: asked }) {
    if (asked === undefined) return []
    return [{ file: 'pids.max', value: asked.limit > 0 ? `${asked.limit}` : 'max' }]
  },

  stats(read) {
    const current = read('pids.current')
    return current === undefined ? {} : { pids: { current: Number(current), limit: readLimit(read('pids.max')) } }
  },
}
