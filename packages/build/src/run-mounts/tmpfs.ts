import type { TmpfsMount } from './mount.ts'
import type { PlannedMount } from './planned.ts'

/** A file system in memory, empty at each RUN. @see tmpfs(5) */
export function planTmpfs({ readOnly, size, ...mount }: TmpfsMount, destination: string): PlannedMount {
  const options = ['nosuid', ...(readOnly ? ['ro'] : []), ...(size === undefined || size === 0 ? [] : [`size=${size}`])]
  return {
    inputs: { ...mount, destination, options },
    open: async () => ({ mounts: [{ type: 'tmpfs', destination, options }] }),
  }
}
