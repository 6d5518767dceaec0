/**
 * What a container may use, as `linux.resources` of the OCI runtime spec words it.
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#control-groups
 */
export interface Resources {
  readonly devices?: readonly DeviceRule[]
  readonly memory?: MemoryResources
  readonly cpu?: CpuResources
  /** 0 or less is unlimited. */
  readonly pids?: { readonly limit: number }
  readonly blockIO?: BlockIoResources
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[]
  /** Files of the v2 tree, written as they are. */
  readonly unified?: Readonly<Record<string, string>>
}

export interface DeviceRule {
  readonly allow: boolean
  /** Any kind when missing. */
  readonly type?: 'a' | 'b' | 'c'
  /** Any number when missing. */
  readonly major?: number
  readonly minor?: number
  /** Some of `rwm`; all of them when missing. */
  readonly access?: string
}

/** Bytes; -1 is unlimited, 0 leaves it as it is. */
export interface MemoryResources {
  readonly limit?: number
  readonly reservation?: number
  /** Memory and swap together. */
  readonly swap?: number
  readonly swappiness?: number
  readonly disableOOMKiller?: boolean
}

export interface CpuResources {
  /** 2 to 262144; 0 leaves it as it is. */
  readonly shares?: number
  /** Microseconds in each period; -1 is unlimited, 0 leaves it as it is. */
  readonly quota?: number
  /** Microseconds. */
  readonly period?: number
  /** Microseconds over the quota that what was left of earlier periods may be used for. */
  readonly burst?: number
  readonly realtimeRuntime?: number
  readonly realtimePeriod?: number
  /** `0-3,7` */
  readonly cpus?: string
  readonly mems?: string
  readonly idle?: number
}

export interface BlockIoResources {
  /** 10 to 1000; 0 leaves it as it is. */
  readonly weight?: number
  readonly leafWeight?: number
  readonly weightDevice?: readonly { readonly major: number; readonly minor: number; readonly weight?: number }[]
  readonly throttleReadBpsDevice?: readonly Throttle[]
  readonly throttleWriteBpsDevice?: readonly Throttle[]
  readonly throttleReadIOPSDevice?: readonly Throttle[]
  readonly throttleWriteIOPSDevice?: readonly Throttle[]
}

/** `rate` is bytes or operations in a second; 0 is unlimited. */
export interface Throttle {
  readonly major: number
  readonly minor: number
  readonly rate: number
}
