/** What a cgroup uses and has used. A part is missing where no controller counts it. */
export interface CgroupStats {
  readonly memory?: MemoryStats
  readonly cpu?: CpuStats
  readonly throttling?: ThrottlingStats
  readonly pids?: PidsStats
  readonly io?: IoStats
}

/** Bytes. */
export interface MemoryStats {
  readonly usage: number
  /** Page cache that nobody used lately: what `usage` could give back at once. */
  readonly inactiveFile: number
  /** undefined is unlimited. */
  readonly limit: number | undefined
}

/** Microseconds. */
export interface CpuStats {
  readonly usage: number
  readonly user: number
  readonly system: number
}

export interface ThrottlingStats {
  readonly periods: number
  readonly throttledPeriods: number
  /** Microseconds. */
  readonly throttled: number
}

export interface PidsStats {
  readonly current: number
  /** undefined is unlimited. */
  readonly limit: number | undefined
}

/** Bytes, of all block devices together. */
export interface IoStats {
  readonly read: number
  readonly written: number
}
