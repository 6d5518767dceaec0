import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { homeOf, readHierarchies } from './hierarchies.ts'

/**
 * Whether a limit of memory and swap together can be held here. A v1 kernel counts swap only where it was built and started so
 * (`swapaccount=1`); v2 counts it wherever the kernel can swap.
 */
export function canLimitSwap(): boolean {
  const hierarchies = readHierarchies()
  const v1 = homeOf('memory', 'v1', hierarchies)
  if (v1 !== undefined) return existsSync(join(v1.mountPoint, 'memory.memsw.limit_in_bytes'))
  return homeOf('memory', 'v2', hierarchies) !== undefined && existsSync('/proc/swaps')
}
