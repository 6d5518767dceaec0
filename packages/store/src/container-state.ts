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
  /** Clock ticks after boot at which `pid` started: tells it from a later process with the same number. */
  readonly startTime?: number
  /** Below every hierarchy's root. */
  readonly cgroup?: string
  /** ISO 8601. */
  readonly startedAt?: string
  readonly finishedAt?: string
  readonly exit?: ContainerExit
}

export type ContainerStatus = 'creating' | 'created' | 'running' | 'stopped'

export interface ContainerExit {
  /** As a shell counts: 128+n for a signal. */
  readonly code: number
  readonly signal?: string
  readonly oomKilled?: boolean
}
