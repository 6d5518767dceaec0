import type { Controller, ReadFile, Setting } from '../controller.ts'
import { cannotHold } from '../files.ts'
import { keyedValues, readLimit } from '../keyed-values.ts'
import type { MemoryResources } from '../resources.ts'

const SWAP = 'memory.swap.max'

/** @see https://docs.kernel.org/admin-guide/cgroup-v2.html#memory-interface-files */
export const memoryV2: Controller = {
  name: 'memory',

  settings({ memory = {} }, read) {
    const { limit, reservation, swappiness, disableOOMKiller } = memory
    if (swappiness !== undefined) throw cannotHold('memory', 'cgroup v2 has no swappiness of its own for a cgroup')
    if (disableOOMKiller === true) throw cannotHold('memory', 'cgroup v2 cannot go without the OOM killer')
    return [
      ...swap(memory, read),
      ...(limit ? [{ file: 'memory.max', value: bytes(limit) }] : []),
      // v1's reservation without a limit is none at all.
      ...(reservation ? [{ file: 'memory.low', value: reservation < 0 ? '0' : `${reservation}` }] : []),
    ]
  },

  stats(read) {
    const usage = read('memory.current')
    if (usage === undefined) return {}
    const { inactive_file: inactiveFile = 0 } = keyedValues(read('memory.stat'))
    return { memory: { usage: Number(usage), inactiveFile, limit: readLimit(read('memory.max')) } }
  },

  oomKills(read) {
    const { oom_kill: kills = 0 } = keyedValues(read('memory.events'))
    return kills
  },
}

/** v2 counts swap alone, the runtime spec memory and swap together. */
function swap({ limit, swap: together }: MemoryResources, read: ReadFile): Setting[] {
  if (!together) return []
  // Where swap is not accounted, unlimited is what it is.
  if (together < 0) return read(SWAP) === undefined ? [] : [{ file: SWAP, value: 'max' }]
  const memory = limit || readLimit(read('memory.max'))
  if (memory === undefined || memory < 0)
    throw cannotHold('memory', `memory and swap together at ${together} bytes, but memory alone without a limit`)
  if (memory > together) throw cannotHold('memory', `memory and swap together at ${together} bytes, but memory alone at ${memory}`)
  return [{ file: SWAP, value: `${together - memory}` }]
}

function bytes(limit: number): string {
  return limit < 0 ? 'max' : `${limit}`
}
