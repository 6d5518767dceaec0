import type { MountRequest } from '@gocker/run'
import type { Scratch } from '../stage/scratch.ts'
import type { OpenMount, PlannedMount } from './planned.ts'

/** Everything that the mounts of one RUN bring into its container. */
export interface OpenMounts {
  readonly mounts: readonly MountRequest[]
  readonly env: readonly string[]
  readonly secretEnv: readonly string[]
  close(): Promise<void>
}

/**
 * Makes mounts ready, one after the other.
 * @throws what one of them throws; those before it are closed
 */
export async function openMounts(planned: readonly PlannedMount[], scratch: Scratch): Promise<OpenMounts> {
  const open: OpenMount[] = []
  const shared = new Map<string, OpenMount>()
  const close = async () => {
    for (const mount of open.reverse()) await mount.close?.()
  }
  try {
    for (const mount of [...planned].sort(byShared)) {
      const opened = await mount.open(scratch, shared.get(mount.shared ?? ''))
      if (mount.shared !== undefined) shared.set(mount.shared, opened)
      open.push(opened)
    }
  } catch (error) {
    await close()
    throw error
  }
  return {
    mounts: open.flatMap(({ mounts }) => mounts),
    // Of several agents, programs look for the first.
    env: open.flatMap(({ env = [] }) => env).slice(0, 1),
    secretEnv: open.flatMap(({ secretEnv = [] }) => secretEnv),
    close,
  }
}

function byShared({ shared: a = '' }: PlannedMount, { shared: b = '' }: PlannedMount): number {
  return a < b ? -1 : a > b ? 1 : 0
}
