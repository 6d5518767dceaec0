import type { MountRequest } from '@gocker/run'
import type { Scratch } from '../stage/scratch.ts'

/** A mount of RUN that is understood, and not made yet: the step may be in the cache. */
export interface PlannedMount {
  /** All of it that the step's result depends on. */
  readonly inputs: unknown
  /** What other builds may be using, and this one may have to wait for: in one order, so that no two wait for each other. */
  readonly shared?: string
  /**
   * Makes it ready. What it needs on disk for a while goes into `scratch`, which is removed when the command has ended.
   * @param same a mount of this RUN that is open already, and shares the same
   */
  open(scratch: Scratch, same: OpenMount | undefined): Promise<OpenMount>
}

export interface OpenMount {
  readonly mounts: readonly MountRequest[]
  /** `NAME=value`. */
  readonly env?: readonly string[]
  /** The same, and never to be written down. */
  readonly secretEnv?: readonly string[]
  /** When the command has ended. */
  close?(): Promise<void>
}
