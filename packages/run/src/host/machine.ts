import { readdirSync, readFileSync } from 'node:fs'
import { availableParallelism, hostname, machine, release, totalmem } from 'node:os'
import { dirname, join } from 'node:path'
import { canLimitSwap, openCgroup } from '@gocker/kernel'

/** What this machine has for containers. */
export interface MachineFacts {
  readonly hostname: string
  /** As uname(1) says them. */
  readonly kernel: string
  readonly architecture: string
  /** `Debian GNU/Linux 12 (bookworm)` */
  readonly distribution: string
  readonly processors: number
  /** Bytes. */
  readonly memory: number
  readonly cgroups: readonly CgroupController[]
  readonly limitsSwap: boolean
  /** Of `overlay` and `erofs`, those that the kernel has just now; a module may be loaded when it is first needed. */
  readonly fileSystems: readonly string[]
  /** `cgroup`, `ipc`, `mnt`, `net`, ... */
  readonly namespaces: readonly string[]
  readonly seccomp: boolean
  /** Whether the machine hands on what comes for its containers' networks. */
  readonly forwardsIpv4: boolean
  readonly mostProcesses: number
}

export interface CgroupController {
  readonly name: string
  /** Where it works: `v1` trees, or `v2`'s. */
  readonly version: 'v1' | 'v2'
}

export function machineFacts(): MachineFacts {
  return {
    hostname: hostname(),
    kernel: release(),
    architecture: machine(),
    distribution: distribution(),
    processors: availableParallelism(),
    memory: totalmem(),
    cgroups: cgroupControllers(),
    limitsSwap: canLimitSwap(),
    fileSystems: ['overlay', 'erofs'].filter((name) => new RegExp(`\\t${name}$`, 'm').test(text('/proc/filesystems'))),
    namespaces: readdirSync('/proc/self/ns').filter((name) => !name.endsWith('_for_children')),
    seccomp: text('/proc/sys/kernel/seccomp/actions_avail') !== '',
    forwardsIpv4: text('/proc/sys/net/ipv4/ip_forward').trim() === '1',
    mostProcesses: Number(text('/proc/sys/kernel/pid_max')),
  }
}

/** @see os-release(5) */
function distribution(): string {
  const [, name] = /^PRETTY_NAME=(.*)$/m.exec(text('/etc/os-release') || text('/usr/lib/os-release')) ?? []
  return name?.replace(/^(["'])(.*)\1$/, '$2') ?? 'Linux'
}

/** Controller by controller: a host may have some on v1 beside a v2 tree that owns others or none. */
function cgroupControllers(): CgroupController[] {
  const { entries, views } = openCgroup('/gocker')
  const found = views.flatMap(({ hierarchy, mountOptions }, at) => {
    const names =
      hierarchy === 'v1' ? mountOptions.split(',').filter((name) => !name.startsWith('name=')) : v2Controllers(entries[at]?.directory)
    return names.filter((name) => name !== '').map((name) => ({ name, version: hierarchy }))
  })
  return found.sort((a, b) => (a.name < b.name ? -1 : 1))
}

function v2Controllers(directory: string | undefined): string[] {
  return directory === undefined
    ? []
    : text(join(dirname(directory), 'cgroup.controllers'))
        .trim()
        .split(' ')
}

function text(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}
