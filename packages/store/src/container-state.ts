import { processStartTime } from '@gocker/kernel'
import { doing, StoreError, unless } from './error.ts'
import type { StorePaths } from './paths.ts'
import { readFile } from './quick-files.ts'

/**
 * What a container is doing.
 * @see https://github.com/opencontainers/runtime-spec/blob/main/runtime.md#state
 */
export interface ContainerState {
  readonly ociVersion: string
  readonly id: string
  readonly status: ContainerStatus
  /** The container's first process, as the host counts. */
  readonly pid?: number
  readonly bundle: string
  readonly annotations?: Readonly<Record<string, string>>
  /** Clock ticks after boot at which `pid` started (see proc_pid_stat(5)): tells it from a later process with the same number. */
  readonly startTime?: number
  /** Below every hierarchy's root. */
  readonly cgroup?: string
  /** ISO 8601. */
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly exit?: ContainerExit
  /** Who follows a container that goes on without gocker, and cleans up after it. */
  readonly monitor?: ProcessIdentity
  /** Who waits until a container is to be started again. */
  readonly sleeper?: ProcessIdentity
  /** How often it was started again since somebody started it. */
  readonly restartCount?: number
  /** Milliseconds that were waited before it was started again. */
  readonly delay?: number
  /** What networking has to undo. */
  readonly networks?: unknown
}

/** A process, told from a later one with the same number. */
export interface ProcessIdentity {
  readonly pid: number
  /** See `ContainerState.startTime`. */
  readonly startTime: number
}

export type ContainerStatus = 'creating' | 'created' | 'running' | 'restarting' | 'stopped'

export interface ContainerExit {
  /** As a shell counts: 128+n for a signal. */
  readonly code: number
  readonly signal?: string
  readonly oomKilled?: boolean
}

/** Whether the process of a state is still the one that was started, whatever `status` was written last. */
export function isAlive({ pid, startTime }: ContainerState | ProcessIdentity): boolean {
  return pid !== undefined && startTime !== undefined && processStartTime(pid) === startTime
}

/** @throws {StoreError} `CORRUPT` */
export async function readContainerState(paths: StorePaths, id: string): Promise<ContainerState | undefined> {
  const file = paths.stateFile(id)
  const text = await doing(`reading the state of container ${id}`, () => readFile(file, 'utf8').catch(unless('ENOENT')))
  if (text === undefined) return undefined
  try {
    return JSON.parse(text) as ContainerState
  } catch (cause) {
    throw new StoreError('CORRUPT', `reading ${file}: not JSON`, { cause })
  }
}
