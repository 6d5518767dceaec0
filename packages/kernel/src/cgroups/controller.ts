import type { Resources } from './resources.ts'
import type { CgroupStats } from './stats.ts'

/** A file of a cgroup, trimmed; undefined where this kernel has none of that name. */
export type ReadFile = (file: string) => string | undefined

/** A value for a file of a cgroup. */
export interface Setting {
  readonly file: string
  readonly value: string
}

/** How one controller of one version of cgroups holds what is asked. Nothing is written here: what to write is data. */
export interface Controller {
  /** As /proc/cgroups and cgroup.controllers name it. */
  readonly name: string
  /**
   * In the order in which the kernel takes them. Files are read only where the order or the value depends on what is there.
   * @throws {KernelError} `UNSUPPORTED` for what this version has no file for
   */
  settings?(resources: Resources, read: ReadFile): Setting[]
  stats?(read: ReadFile): CgroupStats
  /** How many processes the kernel killed for want of memory. */
  oomKills?(read: ReadFile): number
}
