import type { ContainerSettings, DeviceRate, MountRequest, PublishRequest } from '@gocker/run'
import { dictionary } from '../../format/values.ts'
import type { ContainerView } from '../container.ts'

/** What was asked of this host: limits, mounts, ports, isolation. */
export function hostConfigOf({ record, settings, spec }: ContainerView) {
  return {
    ...mountConfigOf(settings),
    LogConfig: logConfigOf(settings),
    NetworkMode: settings.network ?? 'bridge',
    PortBindings: dictionary(bindingsOf(settings.publish ?? [])),
    RestartPolicy: restartPolicyOf(settings),
    AutoRemove: record.remove,
    ConsoleSize: [0, 0],
    ...namesOf(settings),
    ...isolationOf(settings),
    Runtime: 'gocker',
    ...limitsOf(settings),
    MaskedPaths: spec?.linux.maskedPaths ?? [],
    ReadonlyPaths: spec?.linux.readonlyPaths ?? [],
    Init: settings.init ?? null,
  }
}

function mountConfigOf({ mounts = [], volumesFrom }: ContainerSettings) {
  const binds = mounts.flatMap(bindText)
  const images = mounts.flatMap(imageMountOf)
  const tmpfs = mounts.flatMap((mount) => (mount.type === 'tmpfs' ? [[mount.destination, mount.options.join(',')] as const] : []))
  return {
    Binds: binds.length === 0 ? null : binds,
    VolumesFrom: volumesFrom?.map(({ container, readOnly }) => (readOnly === true ? `${container}:ro` : container)) ?? null,
    VolumeDriver: '',
    ...(images.length > 0 && { Mounts: images }),
    ...(tmpfs.length > 0 && { Tmpfs: dictionary(Object.fromEntries(tmpfs)) }),
  }
}

function imageMountOf(mount: MountRequest) {
  if (mount.type !== 'image') return []
  const { source, destination, readOnly, subpath } = mount
  const options = subpath === undefined ? {} : { ImageOptions: { Subpath: subpath } }
  return [{ Type: 'image', Source: source, Target: destination, ...(readOnly && { ReadOnly: true }), ...options }]
}

function bindText(mount: MountRequest): string[] {
  if (mount.type !== 'bind' && mount.type !== 'volume') return []
  const source = mount.type === 'bind' ? mount.source : mount.name
  return source === undefined ? [] : [`${source}:${mount.destination}${mount.readOnly ? ':ro' : ''}`]
}

function logConfigOf({ log = {} }: ContainerSettings) {
  const { driver = 'gocker', maxSize, maxFiles } = log
  const config = { ...(maxSize && { 'max-size': `${maxSize}` }), ...(maxFiles && { 'max-file': `${maxFiles}` }) }
  return { Type: driver, Config: dictionary(config) }
}

function bindingsOf(publish: readonly PublishRequest[]): Record<string, { HostIp: string; HostPort: string }[]> {
  const bindings: Record<string, { HostIp: string; HostPort: string }[]> = {}
  for (const { protocol, container, hostAddress = '', host } of publish)
    for (let port = container.first; port <= container.last; port++) {
      const name = `${port}/${protocol}`
      const single = host === undefined ? '' : `${host.first + port - container.first}`
      const isAny = host !== undefined && container.first === container.last && host.last > host.first
      bindings[name] = [...(bindings[name] ?? []), { HostIp: hostAddress, HostPort: isAny ? `${host.first}-${host.last}` : single }]
    }
  return bindings
}

function restartPolicyOf({ restart }: ContainerSettings) {
  return { Name: restart?.name ?? 'no', MaximumRetryCount: restart?.name === 'on-failure' ? (restart.limit ?? 0) : 0 }
}

function namesOf({ dns = [], dnsOption = [], dnsSearch = [], addHosts = [], groupAdd }: ContainerSettings) {
  return {
    Dns: dns,
    DnsOptions: dnsOption,
    DnsSearch: dnsSearch,
    ExtraHosts: addHosts.length === 0 ? null : addHosts.map(({ name, address }) => `${name}:${address}`),
    GroupAdd: groupAdd ?? null,
    Links: null,
  }
}

function isolationOf(settings: ContainerSettings) {
  return {
    CapAdd: settings.capAdd ?? null,
    CapDrop: settings.capDrop ?? null,
    CgroupnsMode: 'private',
    IpcMode: 'private',
    PidMode: '',
    UTSMode: '',
    UsernsMode: settings.userns?.mode ?? '',
    CgroupParent: '',
    OomScoreAdj: settings.oomScoreAdj ?? 0,
    Privileged: settings.privileged ?? false,
    PublishAllPorts: settings.publishAll ?? false,
    ReadonlyRootfs: settings.readOnly ?? false,
    SecurityOpt: settings.securityOpt ?? null,
    ShmSize: settings.shmSize ?? 64 * 1024 * 1024,
    ...(settings.sysctls !== undefined && { Sysctls: dictionary(settings.sysctls) }),
  }
}

function limitsOf(settings: ContainerSettings) {
  const { memory = 0, memorySwap } = settings
  return {
    CpuShares: settings.cpuShares ?? 0,
    Memory: memory,
    NanoCpus: Math.round((settings.cpus ?? 0) * 1e9),
    BlkioWeight: settings.blkioWeight ?? 0,
    BlkioDeviceReadBps: rates(settings.deviceReadBps),
    BlkioDeviceWriteBps: rates(settings.deviceWriteBps),
    BlkioDeviceReadIOps: rates(settings.deviceReadIops),
    BlkioDeviceWriteIOps: rates(settings.deviceWriteIops),
    CpuPeriod: settings.cpuPeriod ?? 0,
    CpuQuota: settings.cpuQuota ?? 0,
    CpusetCpus: settings.cpusetCpus ?? '',
    CpusetMems: settings.cpusetMems ?? '',
    Devices: (settings.devices ?? []).map(({ source, destination, access }) => ({
      PathOnHost: source,
      PathInContainer: destination,
      CgroupPermissions: access,
    })),
    DeviceCgroupRules: null,
    MemoryReservation: settings.memoryReservation ?? 0,
    MemorySwap: memorySwap ?? memory * 2,
    MemorySwappiness: settings.memorySwappiness ?? null,
    OomKillDisable: settings.oomKillDisable ?? false,
    PidsLimit: settings.pidsLimit ?? null,
    Ulimits: (settings.ulimits ?? []).map(({ name, soft, hard }) => ({ Name: name, Soft: soft, Hard: hard })),
  }
}

function rates(list: readonly DeviceRate[] | undefined) {
  return list?.map(({ path, rate }) => ({ Path: path, Rate: rate })) ?? null
}
