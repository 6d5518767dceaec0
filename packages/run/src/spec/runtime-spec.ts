import { posix } from 'node:path'
import type { ContainerConfig, RuntimeLinux, RuntimeNamespaceType, RuntimeProcess, RuntimeSeccomp, RuntimeSpec } from '@gocker/oci'
import { RunError } from '../error.ts'
import type { ResourceOptions, RunOptions } from '../options/container-options.ts'
import { DEFAULT_NETWORK, type Network } from '../options/network.ts'
import { parseSecurity } from '../options/security.ts'
import type { ContainerIds } from '../user-namespace/container-ids.ts'
import { commandLine } from './command.ts'
import { deviceNodes, deviceRules, type GrantedDevice } from './devices.ts'
import { environment } from './environment.ts'
import { mountsOf, type ResolvedMount } from './mounts.ts'
import { MASKED_PATHS, READ_ONLY_PATHS } from './paths.ts'
import { type ResourceFacts, resourcesOf } from './resources.ts'
import { sysctlsOf } from './sysctls.ts'
import type { Identity } from './user.ts'

/** The version of the runtime spec whose words are used. */
export const OCI_VERSION = '1.0.2'

/** Everything that {@link toRuntimeSpec} needs to know, found out before. */
export interface SpecInput {
  readonly id: string
  readonly config: ContainerConfig
  readonly options: RunOptions & ResourceOptions
  readonly identity: Identity
  readonly host: HostFacts
  /** Mounts with their sources made and found. */
  readonly mounts: readonly ResolvedMount[]
  /** Made for the container: /etc/hosts and its like, by destination. */
  readonly files: Readonly<Record<string, string>>
  readonly devices: readonly GrantedDevice[]
  /** What the container may have, after adding and dropping. */
  readonly capabilities: readonly string[]
  /** Of AppArmor. */
  readonly apparmorProfile?: string | undefined
  /** undefined: no filter. */
  readonly seccomp: RuntimeSeccomp | undefined
  readonly cgroupsPath: string
  /** Of a user namespace of its own. */
  readonly ids?: ContainerIds
  /** Of another container's network namespace. */
  readonly networkPath?: string
}

export interface HostFacts extends ResourceFacts {
  readonly hostname: string
  /** A user id is all that there is, and it is root's. */
  readonly singleId?: boolean
  /** The highest group that there is, in a user namespace. */
  readonly lastGid?: number
  /** This process's variables. */
  readonly environment: Readonly<Record<string, string | undefined>>
  /** Directories that tell of each processor's heat, as docker hides them. */
  readonly thermalThrottles?: readonly string[]
}

/**
 * An image's config and options as a bundle's `config.json`.
 * @throws {RunError} `NO_COMMAND`, `INVALID_OPTION`
 * @see https://github.com/opencontainers/runtime-spec/blob/main/config.md
 */
export function toRuntimeSpec(input: SpecInput): RuntimeSpec {
  const { options, files, mounts, host } = input
  const { privileged = false, readOnly = false, shmSize } = options
  return {
    ociVersion: OCI_VERSION,
    process: processOf(input),
    root: { path: 'rootfs', readonly: readOnly },
    hostname: hostnameOf(input),
    ...(options.domainname !== undefined && { domainname: options.domainname }),
    mounts: mountsOf({
      privileged,
      readOnly,
      shmSize,
      singleId: host.singleId ?? false,
      files,
      asked: mounts,
      mapsOwners: options.userns?.mode === 'auto',
    }),
    linux: linuxOf(input),
  }
}

/** The container's name for itself: docker's twelve digits, and the host's where the network is the host's. */
export function hostnameOf({ id, options, host }: Pick<SpecInput, 'id' | 'options' | 'host'>): string {
  return options.hostname ?? (options.network === 'host' ? host.hostname : id.slice(0, 12))
}

function processOf(input: SpecInput): RuntimeProcess {
  const { config, options, identity, host, capabilities, apparmorProfile } = input
  const { tty = false, env = [], ulimits = [], oomScoreAdj } = options
  const sources = { image: config.Env ?? [], asked: env, caller: host.environment, hostname: hostnameOf(input), home: identity.home, tty }
  return {
    terminal: tty,
    user: { uid: identity.uid, gid: identity.gid, additionalGids: identity.additionalGids },
    args: commandLine(config, options),
    env: environment(sources),
    cwd: workdir(options.workdir ?? config.WorkingDir),
    // Nothing is inheritable: a program of an ordinary user gains none by exec (CVE-2022-24769).
    capabilities: { bounding: capabilities, effective: capabilities, permitted: capabilities, inheritable: [], ambient: [] },
    noNewPrivileges: parseSecurity(options.securityOpt ?? []).noNewPrivileges,
    ...(oomScoreAdj !== undefined && { oomScoreAdj: checkOomScore(oomScoreAdj) }),
    ...(apparmorProfile !== undefined && { apparmorProfile }),
    rlimits: ulimits.map(({ name, soft, hard }) => ({ type: `RLIMIT_${name.toUpperCase()}`, soft, hard })),
  }
}

function workdir(text: string | undefined): string {
  if (text === undefined || text === '') return '/'
  if (text.startsWith('/')) return posix.normalize(text)
  throw new RunError('INVALID_OPTION', `choosing working directory ${JSON.stringify(text)}: not an absolute path`)
}

function checkOomScore(score: number): number {
  if (Number.isInteger(score) && score >= -1000 && score <= 1000) return score
  throw new RunError('INVALID_OPTION', `setting oom score ${score}: not a whole number from -1000 to 1000`)
}

function linuxOf({ options, host, devices, seccomp, cgroupsPath, networkPath, ids }: SpecInput): RuntimeLinux {
  const { privileged = false, network = DEFAULT_NETWORK, sysctls = {} } = options
  const isMasked = !privileged && !parseSecurity(options.securityOpt ?? []).unmaskedPaths
  return {
    namespaces: [...namespacesOf(network, networkPath), ...(ids === undefined ? [] : [{ type: 'user' } as const])],
    ...ids,
    devices: deviceNodes(devices),
    cgroupsPath,
    resources: resourcesOf(options, deviceRules(devices, privileged), host),
    rootfsPropagation: 'private',
    sysctl: sysctlsOf(sysctls, network, host.lastGid),
    ...(seccomp !== undefined && { seccomp }),
    maskedPaths: isMasked ? [...MASKED_PATHS, ...(host.thermalThrottles ?? [])] : [],
    readonlyPaths: isMasked ? [...READ_ONLY_PATHS] : [],
  }
}

function namespacesOf(network: Network, networkPath: string | undefined): { type: RuntimeNamespaceType; path?: string }[] {
  const types: RuntimeNamespaceType[] = ['mount', 'uts', 'ipc', 'pid', 'cgroup']
  const own = types.map((type) => ({ type }))
  if (network === 'host') return own
  return [...own, { type: 'network', ...(networkPath !== undefined && { path: networkPath }) }]
}
