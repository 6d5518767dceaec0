import { existsSync } from 'node:fs'
import { notifies } from '@gocker/kernel'
import type { RuntimeResources, RuntimeSpec } from '@gocker/oci'
import { RunError } from '../../error.ts'
import { isApparmorEnabled } from '../features.ts'
import { invalidSpec } from './shape.ts'

const LARGEST_NUMBER = 2 ** 53

/**
 * What gocker does not do is refused by its name.
 * @throws {RunError} `UNSUPPORTED`, `INVALID_SPEC` for what contradicts itself
 */
export function refuseUnsupported(spec: RuntimeSpec): void {
  const { linux, process, mounts, root } = spec
  if (linux.intelRdt !== undefined) throw unsupported('linux.intelRdt', 'gocker does not drive the resource director')
  if (process.selinuxLabel || linux.mountLabel) refuseSelinux()
  if (process.apparmorProfile && !isApparmorEnabled()) throw unsupported('process.apparmorProfile', 'this machine has no AppArmor')
  refuseUnsupportedResources(linux.resources ?? {})
  checkNamespaces(spec)
  if (process.args.length === 0) throw invalidSpec('config.json.process.args', 'it is empty')
  const has = (wanted: string) => linux.namespaces.some(({ type }) => type === wanted)
  if (!has('mount')) {
    const asked = [
      mounts.length > 0 && 'mounts',
      linux.maskedPaths?.length && 'linux.maskedPaths',
      linux.readonlyPaths?.length && 'linux.readonlyPaths',
    ]
    const [name] = [...asked, root.readonly && 'root.readonly', linux.rootfsPropagation && 'linux.rootfsPropagation'].filter(Boolean)
    if (name) throw invalidSpec(`config.json.${name}`, 'without a mount namespace it would be done to the host')
  }
  if (!has('uts') && (spec.hostname || spec.domainname))
    throw invalidSpec('config.json.hostname', 'without a uts namespace it would be set for the host')
  if (!has('time') && linux.timeOffsets !== undefined) throw invalidSpec('config.json.linux.timeOffsets', 'they need a time namespace')
  if (Object.keys(linux.sysctl ?? {}).length > 0) checkSysctls(spec, has)
  checkAgent(spec)
  checkNumbers(spec)
}

/** @throws {RunError} `UNSUPPORTED` */
export function refuseUnsupportedResources(resources: RuntimeResources): void {
  const { network, rdma, memory = {}, blockIO } = resources as Extra
  if (network?.classID || network?.priorities?.length) throw unsupported('linux.resources.network', 'gocker marks no packets')
  if (rdma !== undefined && Object.keys(rdma).length > 0) throw unsupported('linux.resources.rdma', 'gocker does not limit it')
  for (const name of ['kernel', 'kernelTCP'] as const)
    if ((memory[name] ?? 0) > 0) throw unsupported(`linux.resources.memory.${name}`, 'kernels have no such limit any more')
  if (memory.useHierarchy === false) throw unsupported('linux.resources.memory.useHierarchy', 'kernels always count so')
  if (memory.checkBeforeUpdate) throw unsupported('linux.resources.memory.checkBeforeUpdate', 'gocker does not look before it writes')
  if (blockIO?.weightDevice?.some(({ leafWeight }) => leafWeight))
    throw unsupported('linux.resources.blockIO.weightDevice.leafWeight', 'kernels have none')
}

interface Extra {
  readonly network?: { readonly classID?: number; readonly priorities?: readonly unknown[] }
  readonly rdma?: object
  readonly memory?: {
    readonly kernel?: number
    readonly kernelTCP?: number
    readonly useHierarchy?: boolean
    readonly checkBeforeUpdate?: boolean
  }
  readonly blockIO?: { readonly weightDevice?: readonly { readonly leafWeight?: number }[] }
}

function refuseSelinux(): void {
  if (existsSync('/sys/fs/selinux/enforce')) throw unsupported('process.selinuxLabel', 'gocker sets no labels of SELinux')
  throw unsupported('process.selinuxLabel', 'this machine has no SELinux')
}

function checkNamespaces({ linux: { namespaces, uidMappings = [], gidMappings = [] } }: RuntimeSpec): void {
  const twice = namespaces.find(({ type }, index) => namespaces.slice(0, index).some((other) => other.type === type))
  if (twice !== undefined) throw invalidSpec('config.json.linux.namespaces', `${twice.type} is there twice`)
  const user = namespaces.find(({ type }) => type === 'user')
  if (user === undefined && uidMappings.length + gidMappings.length > 0)
    throw invalidSpec('config.json.linux.uidMappings', 'they need a user namespace')
  if (user !== undefined && user.path === undefined && (uidMappings.length === 0 || gidMappings.length === 0))
    throw invalidSpec('config.json.linux.namespaces', 'a new user namespace needs uidMappings and gidMappings')
}

/** A setting that is the whole machine's is not a container's to change. */
function checkSysctls({ linux, mounts }: RuntimeSpec, has: (type: string) => boolean): void {
  if (!mounts.some(({ type, destination }) => type === 'proc' && destination === '/proc'))
    throw unsupported('linux.sysctl', 'without a proc mounted on /proc there is nothing to set it by')
  for (const name of Object.keys(linux.sysctl ?? {})) {
    const namespace = namespaceOf(name)
    if (namespace !== undefined && has(namespace)) continue
    const why = namespace === undefined ? 'it belongs to no namespace' : `without a ${namespace} namespace it would be set for the host`
    throw invalidSpec(`config.json.linux.sysctl.${name}`, why)
  }
}

/** @see namespaces(7), and fs/mqueue and ipc/ipc_sysctl.c of Linux */
function namespaceOf(name: string): string | undefined {
  const plain = name.replaceAll('/', '.')
  if (plain.startsWith('net.')) return 'network'
  if (plain.startsWith('fs.mqueue.') || /^kernel\.(msg(max|mnb|mni)|sem|shm(all|max|mni|_rmid_forced))$/.test(plain)) return 'ipc'
  if (plain === 'kernel.domainname' || plain === 'kernel.hostname') return 'uts'
  return plain.startsWith('user.') ? 'user' : undefined
}

function checkAgent({ linux: { seccomp } }: RuntimeSpec): void {
  if (seccomp === undefined || seccomp.listenerPath) return
  if (notifies(seccomp)) throw invalidSpec('config.json.linux.seccomp', 'SCMP_ACT_NOTIFY needs listenerPath, where the agent listens')
  if (seccomp.listenerMetadata) throw invalidSpec('config.json.linux.seccomp', 'listenerMetadata needs listenerPath')
}

/** A number that JSON's readers have rounded would be another one. */
function checkNumbers({ linux: { seccomp } }: RuntimeSpec): void {
  for (const { names, args = [] } of seccomp?.syscalls ?? [])
    for (const { value, valueTwo = 0 } of args)
      if (Math.max(value, valueTwo) > LARGEST_NUMBER)
        throw unsupported(`linux.seccomp of ${names[0]}`, `${Math.max(value, valueTwo)} has more than 53 bits`)
}

function unsupported(what: string, why: string): RunError {
  return new RunError('UNSUPPORTED', `doing ${what}: ${why}`)
}
