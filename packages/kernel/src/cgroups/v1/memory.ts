import type { Controller, ReadFile, Setting } from '../controller.ts'
import { keyedValues, readLimit } from '../keyed-values.ts'
import type { MemoryResources } from '../resources.ts'

const LIMIT = 'memory.limit_in_bytes'
const WITH_SWAP = 'memory.memsw.limit_in_bytes'

/** @see https://docs.kernel.org/admin-guide/cgroup-v1/memory.html */
export const memoryV1: Controller = {
  name: 'memory',

  settings({ memory = {} }, read) {
    return [
      ...limits(memory, read),
      ...(memory.reservation ? [{ file: 'memory.soft_limit_in_bytes', value: `${memory.reservation}` }] : []),
      ...(memory.swappiness === undefined ? [] : [{ file: 'memory.swappiness', value: `${memory.swappiness}` }]),
      ...(memory.disableOOMKiller === undefined ? [] : [{ file: 'memory.oom_control', value: memory.disableOOMKiller ? '1' : '0' }]),
    ]
  },

  stats(read) {
    const usage = read('memory.usage_in_bytes')
    if (usage === undefined) return {}
    const { total_inactive_file: inactiveFile = 0 } = keyedValues(read('memory.stat'))
    return { memory: { usage: Number(usage), inactiveFile, limit: readLimit(read(LIMIT)) } }
  },

  oomKills(read) {
    const { oom_kill: kills = 0 } = keyedValues(read('memory.oom_control'))
    return kills
  },
}

// At no moment may memory alone be allowed more than memory and swap together: who grows, grows the outer limit first.
function limits(memory: MemoryResources, read: ReadFile): Setting[] {
  const { limit } = memory
  const inner = limit ? [{ file: LIMIT, value: `${limit}` }] : []
  const outer = swapLimit(memory, read)
  return outer !== undefined && grows(outer, read) ? [outer, ...inner] : [...inner, ...(outer === undefined ? [] : [outer])]
}

function swapLimit({ limit, swap }: MemoryResources, read: ReadFile): Setting | undefined {
  // Memory without a limit is more than any outer limit.
  const value = swap || (limit === -1 ? -1 : 0)
  // Where swap is not accounted, unlimited is what it is.
  if (value === 0 || (value === -1 && read(WITH_SWAP) === undefined)) return undefined
  return { file: WITH_SWAP, value: `${value}` }
}

function grows({ value }: Setting, read: ReadFile): boolean {
  const now = readLimit(read(WITH_SWAP)) ?? Number.POSITIVE_INFINITY
  return value === '-1' || Number(value) > now
}
