import type { ContainerConfig } from '@gocker/oci'
import type { Store, StoredImage } from '@gocker/store'
import type { HostEntry } from './add-host.ts'
import type { DeviceRate, DeviceRequest } from './device.ts'
import type { MountRequest } from './mount-request.ts'
import type { EndpointOptions, Network } from './network.ts'
import type { ExposedPort } from './port.ts'
import type { PublishRequest } from './publish.ts'
import type { Ulimit } from './ulimit.ts'
import type { UserNamespaceRequest } from './user-namespace.ts'
import type { VolumesFrom } from './volumes-from.ts'

/** What a container is made of, and how it is to run; everything else comes from the image. */
export interface ContainerOptions extends RunOptions, ResourceOptions {
  readonly store: Store
  /** Either an image, or directories. */
  readonly image?: StoredImage
  /** As the user wrote it. */
  readonly imageName?: string
  readonly rootfs?: Rootfs
  readonly name?: string
  /** `NAME=value` that the command gets and no file of the container's tells. */
  readonly secretEnv?: readonly string[]
  /** The container goes when its process ends. */
  readonly remove?: boolean
  readonly labels?: Readonly<Record<string, string>>
}

/** Whether a container is started again when it has ended by itself; `limit` is how often at most. */
export type RestartPolicy = { readonly name: 'no' | 'always' | 'unless-stopped' } | { readonly name: 'on-failure'; readonly limit?: number }

/** What becomes of a detached container's output. */
export interface LogOptions {
  /** `none`: nothing is kept. */
  readonly driver?: 'gocker' | 'none'
  /** Bytes past which a file is full and the next one begins; 0, and unless given, is never. */
  readonly maxSize?: number
  /** How many files are kept; 1 unless given. */
  readonly maxFiles?: number
}

/** Directories as they are to be stacked: a build's. */
export interface Rootfs {
  /** Overlay lower directories, top first. */
  readonly lowers: readonly string[]
  /** The overlay's writable directory, the container's own unless given; `work` lies on the same file system. */
  readonly upper?: string
  readonly work?: string
  readonly config: ContainerConfig
}

export interface RunOptions {
  /** Instead of the image's Cmd. */
  readonly command?: readonly string[]
  /** Instead of the image's Entrypoint, whose Cmd then does not count; an empty text is none. */
  readonly entrypoint?: string | readonly string[]
  /** `NAME=value`; `NAME` alone takes this process's value, or takes the image's away where there is none. */
  readonly env?: readonly string[]
  readonly workdir?: string
  /** `user[:group]`, names or numbers. */
  readonly user?: string
  /** More groups, names or numbers. */
  readonly groupAdd?: readonly string[]
  readonly hostname?: string
  readonly domainname?: string
  /** A terminal of the container's own. */
  readonly tty?: boolean
  /** Keeps a stdin; /dev/null otherwise. */
  readonly stdin?: boolean
  readonly readOnly?: boolean
  readonly capAdd?: readonly string[]
  readonly capDrop?: readonly string[]
  readonly privileged?: boolean
  /** Which ids it has; gocker's own unless given. */
  readonly userns?: UserNamespaceRequest
  /** As docker's `--security-opt`; see {@link parseSecurity}. */
  readonly securityOpt?: readonly string[]
  /** `bridge` unless given. */
  readonly network?: Network
  /** Further networks by their names, and how the container is on each of them. */
  readonly endpoints?: Readonly<Record<string, EndpointOptions>>
  readonly publish?: readonly PublishRequest[]
  /** Every port that the image or `expose` names, at ports of the host that are free. */
  readonly publishAll?: boolean
  readonly expose?: readonly ExposedPort[]
  readonly addHosts?: readonly HostEntry[]
  readonly dns?: readonly string[]
  readonly dnsSearch?: readonly string[]
  readonly dnsOption?: readonly string[]
  readonly ulimits?: readonly Ulimit[]
  readonly sysctls?: Readonly<Record<string, string>>
  readonly devices?: readonly DeviceRequest[]
  /** Bytes of /dev/shm; 64 MiB unless given. */
  readonly shmSize?: number
  /** A small init is the container's first process, and the command its child. */
  readonly init?: boolean
  readonly mounts?: readonly MountRequest[]
  /** Containers whose volumes and binds this one has, too. */
  readonly volumesFrom?: readonly VolumesFrom[]
  readonly oomScoreAdj?: number
  /** A signal's name or number. */
  readonly stopSignal?: string
  /** A line for the shell that says by its exit code how the container is. */
  readonly healthCmd?: string
  /** Nanoseconds, all of these. */
  readonly healthInterval?: number
  readonly healthTimeout?: number
  readonly healthStartPeriod?: number
  readonly healthStartInterval?: number
  readonly healthRetries?: number
  /** The image's health check is not run. */
  readonly noHealthcheck?: boolean
  /** Seconds until a container that is being stopped is killed; 10 unless given, -1 is never. */
  readonly stopTimeout?: number
  /** For a detached container. */
  readonly restart?: RestartPolicy
  readonly log?: LogOptions
}

/** Docker's limits, in docker's units. */
export interface ResourceOptions {
  /** Bytes. */
  readonly memory?: number
  /** Bytes of memory and swap together; -1 is no limit; twice the memory unless given. */
  readonly memorySwap?: number
  /** Bytes. */
  readonly memoryReservation?: number
  /** 0 to 100. */
  readonly memorySwappiness?: number
  readonly oomKillDisable?: boolean
  /** Processors' worth of time. */
  readonly cpus?: number
  readonly cpuShares?: number
  /** Microseconds in each period. */
  readonly cpuQuota?: number
  /** Microseconds. */
  readonly cpuPeriod?: number
  readonly cpusetCpus?: string
  readonly cpusetMems?: string
  /** 0 and -1 are no limit. */
  readonly pidsLimit?: number
  /** 10 to 1000. */
  readonly blkioWeight?: number
  readonly deviceReadBps?: readonly DeviceRate[]
  readonly deviceWriteBps?: readonly DeviceRate[]
  readonly deviceReadIops?: readonly DeviceRate[]
  readonly deviceWriteIops?: readonly DeviceRate[]
}
