/**
 * `config.json` of a bundle, as far as Linux is concerned.
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config.md
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md
 */
export interface RuntimeSpec {
  readonly ociVersion: string
  readonly root: { readonly path: string; readonly readonly?: boolean }
  readonly process: RuntimeProcess
  readonly hostname?: string
  readonly domainname?: string
  readonly mounts: readonly RuntimeMount[]
  readonly hooks?: RuntimeHooks
  readonly annotations?: Readonly<Record<string, string>>
  readonly linux: RuntimeLinux
}

export interface RuntimeProcess {
  readonly terminal?: boolean
  /** Characters. */
  readonly consoleSize?: { readonly height: number; readonly width: number }
  readonly user: {
    readonly uid: number
    readonly gid: number
    readonly umask?: number
    readonly additionalGids?: readonly number[]
  }
  readonly args: readonly string[]
  readonly env: readonly string[]
  readonly cwd: string
  readonly capabilities?: RuntimeCapabilities
  readonly rlimits?: readonly RuntimeRlimit[]
  readonly noNewPrivileges?: boolean
  readonly apparmorProfile?: string
  readonly selinuxLabel?: string
  readonly oomScoreAdj?: number
  readonly scheduler?: RuntimeScheduler
  readonly ioPriority?: RuntimeIoPriority
  readonly execCPUAffinity?: RuntimeCpuAffinity
}

/** @see sched_setattr(2) */
export interface RuntimeScheduler {
  /** `SCHED_OTHER`, ... */
  readonly policy: string
  readonly nice?: number
  readonly priority?: number
  /** `SCHED_FLAG_RESET_ON_FORK`, ... */
  readonly flags?: readonly string[]
  /** Nanoseconds, of `SCHED_DEADLINE`. */
  readonly runtime?: number
  readonly deadline?: number
  readonly period?: number
}

/** @see ioprio_set(2) */
export interface RuntimeIoPriority {
  /** `IOPRIO_CLASS_RT`, ... */
  readonly class: string
  readonly priority: number
}

/** Processors such as `0-3,7`, of a command that is executed in a running container. */
export interface RuntimeCpuAffinity {
  readonly initial?: string
  readonly final?: string
}

export interface RuntimeCapabilities {
  readonly bounding?: readonly string[]
  readonly effective?: readonly string[]
  readonly inheritable?: readonly string[]
  readonly permitted?: readonly string[]
  readonly ambient?: readonly string[]
}

export interface RuntimeRlimit {
  /** `RLIMIT_NOFILE`, ... */
  readonly type: string
  readonly soft: number
  readonly hard: number
}

export interface RuntimeMount {
  readonly destination: string
  readonly type?: string
  readonly source?: string
  readonly options?: readonly string[]
  readonly uidMappings?: readonly RuntimeIdMapping[]
  readonly gidMappings?: readonly RuntimeIdMapping[]
}

export interface RuntimeHook {
  readonly path: string
  readonly args?: readonly string[]
  readonly env?: readonly string[]
  /** Seconds. */
  readonly timeout?: number
}

export interface RuntimeHooks {
  readonly prestart?: readonly RuntimeHook[]
  readonly createRuntime?: readonly RuntimeHook[]
  readonly createContainer?: readonly RuntimeHook[]
  readonly startContainer?: readonly RuntimeHook[]
  readonly poststart?: readonly RuntimeHook[]
  readonly poststop?: readonly RuntimeHook[]
}

export type RuntimeNamespaceType = 'pid' | 'network' | 'mount' | 'ipc' | 'uts' | 'user' | 'cgroup' | 'time'

export interface RuntimeLinux {
  readonly namespaces: readonly { readonly type: RuntimeNamespaceType; readonly path?: string }[]
  readonly uidMappings?: readonly RuntimeIdMapping[]
  readonly gidMappings?: readonly RuntimeIdMapping[]
  readonly devices?: readonly RuntimeDevice[]
  readonly cgroupsPath?: string
  readonly resources?: RuntimeResources
  readonly rootfsPropagation?: RuntimePropagation
  readonly seccomp?: RuntimeSeccomp
  readonly sysctl?: Readonly<Record<string, string>>
  readonly maskedPaths?: readonly string[]
  readonly readonlyPaths?: readonly string[]
  readonly mountLabel?: string
  readonly personality?: { readonly domain: string; readonly flags?: readonly string[] }
  readonly timeOffsets?: Readonly<Partial<Record<'monotonic' | 'boottime', RuntimeTimeOffset>>>
  /** Of Intel's resource director, which gocker does not drive. */
  readonly intelRdt?: object
}

export type RuntimePropagation = 'shared' | 'slave' | 'private' | 'unbindable' | 'rshared' | 'rslave' | 'rprivate' | 'runbindable'

export interface RuntimeTimeOffset {
  readonly secs?: number
  readonly nanosecs?: number
}

export interface RuntimeIdMapping {
  readonly containerID: number
  readonly hostID: number
  readonly size: number
}

export interface RuntimeDevice {
  readonly type: 'c' | 'b' | 'u' | 'p'
  readonly path: string
  readonly major?: number
  readonly minor?: number
  readonly fileMode?: number
  readonly uid?: number
  readonly gid?: number
}

/** @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#control-groups */
export interface RuntimeResources {
  readonly devices?: readonly RuntimeDeviceRule[]
  readonly memory?: RuntimeMemory
  readonly cpu?: RuntimeCpu
  readonly pids?: { readonly limit: number }
  readonly blockIO?: RuntimeBlockIo
  readonly hugepageLimits?: readonly { readonly pageSize: string; readonly limit: number }[]
  readonly unified?: Readonly<Record<string, string>>
}

export interface RuntimeDeviceRule {
  readonly allow: boolean
  readonly type?: 'a' | 'b' | 'c'
  readonly major?: number
  readonly minor?: number
  /** Some of `rwm`. */
  readonly access?: string
}

/** Bytes; -1 is unlimited. */
export interface RuntimeMemory {
  readonly limit?: number
  readonly reservation?: number
  /** Memory and swap together. */
  readonly swap?: number
  readonly swappiness?: number
  readonly disableOOMKiller?: boolean
}

export interface RuntimeCpu {
  readonly shares?: number
  /** Microseconds in each period; -1 is unlimited. */
  readonly quota?: number
  /** Microseconds. */
  readonly period?: number
  readonly burst?: number
  readonly realtimeRuntime?: number
  readonly realtimePeriod?: number
  readonly cpus?: string
  readonly mems?: string
  readonly idle?: number
}

export interface RuntimeBlockIo {
  readonly weight?: number
  readonly leafWeight?: number
  readonly weightDevice?: readonly { readonly major: number; readonly minor: number; readonly weight?: number }[]
  readonly throttleReadBpsDevice?: readonly RuntimeThrottle[]
  readonly throttleWriteBpsDevice?: readonly RuntimeThrottle[]
  readonly throttleReadIOPSDevice?: readonly RuntimeThrottle[]
  readonly throttleWriteIOPSDevice?: readonly RuntimeThrottle[]
}

/** `rate` is bytes or operations in a second. */
export interface RuntimeThrottle {
  readonly major: number
  readonly minor: number
  readonly rate: number
}

export interface RuntimeSeccomp {
  /** `SCMP_ACT_ERRNO`, ... */
  readonly defaultAction: string
  readonly defaultErrnoRet?: number
  /** `SCMP_ARCH_X86_64`, ... */
  readonly architectures?: readonly string[]
  readonly flags?: readonly string[]
  /** A Unix socket that gets the descriptor by which `SCMP_ACT_NOTIFY` notifies. */
  readonly listenerPath?: string
  readonly listenerMetadata?: string
  readonly syscalls?: readonly RuntimeSeccompRule[]
}

export interface RuntimeSeccompRule {
  readonly names: readonly string[]
  readonly action: string
  readonly errnoRet?: number
  readonly args?: readonly RuntimeSeccompArgument[]
}

export interface RuntimeSeccompArgument {
  readonly index: number
  readonly value: number
  readonly valueTwo?: number
  /** `SCMP_CMP_EQ`, ... */
  readonly op: string
}
