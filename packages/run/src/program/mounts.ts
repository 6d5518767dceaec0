import { bytes, encodeMountAttributes, type Operand, parseMountOptions, value } from '@gocker/kernel'
import type { RuntimeMount } from '@gocker/oci'
import { isBind, isRemount, sourceOf } from './bind-sources.ts'
import { mountCgroups } from './cgroup-mount.ts'
import { AT_FDCWD, AT_RECURSIVE, MOVE_OPENED, MOVE_OPENED_TO_OPENED, mountFlags } from './constants.ts'
import { devices, hasOwnDev } from './devices.ts'
import { isFoundOnHost } from './host-file-systems.ts'
import { isTakenBefore, viewAt } from './kernel-views.ts'
import { goToRealDirectory, holdMountPoint, letGoOfMountPoint, type MountPointOptions, makeDirectory, makeFile } from './mount-point.ts'
import type { Plan } from './plan.ts'
import { sysctls } from './sysctls.ts'
import { terminal } from './terminal.ts'

const GROUPS: Readonly<Record<string, string>> = {
  proc: '/proc: only the processes of the container',
  sysfs: '/sys: the devices and the network, to be looked at',
  cgroup: '/sys/fs/cgroup: its own limits as the root of all',
  bind: 'files and volumes: what was taken from the host, in its place',
}
const OTHER_GROUP = 'file systems in memory: devices, temporary files, shared memory, message queues'

/** All mounts of the spec, in its order, and what belongs to them: settings in /proc, nodes in /dev. */
export function mounts(plan: Plan): void {
  // Modes are meant as they are written.
  plan.program.row({ name: 'take nothing off the modes of files', call: 'umask', args: [0] })
  for (const mount of plan.spec.mounts) {
    if (isRemount(mount)) remount(plan, mount)
    else if (isBind(mount) || isFoundOnHost(mount)) mountBind(plan, mount, group('bind'))
    else if (mount.type === 'cgroup') mountCgroups(plan, mount, group('cgroup'))
    else mountFileSystem(plan, mount, group(mount.type))
    completeMount(plan, mount)
  }
  completeWithoutMounts(plan)
}

function group(type = ''): { isolates: string } {
  return { isolates: GROUPS[type] ?? OTHER_GROUP }
}

/** As soon as the file system is there, and nothing of the user's can be mounted over it yet. */
function completeMount(plan: Plan, mount: RuntimeMount): void {
  if (mount.type === 'proc' && mount.destination === '/proc') sysctls(plan)
  if (mount.type === 'tmpfs' && mount.destination === '/dev') devices(plan)
  if (mount.type === 'devpts' && mount.destination === '/dev/pts') terminal(plan)
}

/** Where /dev and /dev/pts are the image's, or the host's, which has its nodes already. */
function completeWithoutMounts(plan: Plan): void {
  const mountAt = (path: string) => plan.spec.mounts.find(({ destination }) => destination === path)
  const dev = mountAt('/dev')
  if (dev?.type !== 'tmpfs' && (dev === undefined || !isBind(dev))) devices(plan)
  if (mountAt('/dev/pts')?.type !== 'devpts') terminal(plan)
}

function remount({ program }: Plan, mount: RuntimeMount): void {
  const { destination, options = [] } = mount
  const { flags, data } = parseMountOptions(options)
  program.row({ name: `mount ${destination} anew`, call: 'mount', args: [0, destination, 0, mountFlags(flags), data === '' ? 0 : data] })
  restrictBelow(program, mount)
}

/** `rro` and its like, of a file system that was mounted here. */
function restrictBelow(program: Plan['program'], { destination, options = [] }: RuntimeMount): void {
  const { recursive } = parseMountOptions(options)
  if (recursive === undefined) return
  const content = encodeMountAttributes(recursive)
  const args = [AT_FDCWD, destination, AT_RECURSIVE, bytes(content), content.length]
  program.row({ name: `restrict ${destination} and all below (Linux 5.12)`, call: 'mount_setattr', args })
}

function mountFileSystem(plan: Plan, mount: RuntimeMount, options: MountPointOptions): void {
  const { type = 'none', source = type, destination } = mount
  const { flags, data } = parseMountOptions(mount.options ?? [])
  makeDirectory(plan, destination, options)
  const here = goToMountPoint(plan, mount)
  const name = `mount ${type} on ${destination}`
  if (isTakenBefore(plan, mount)) {
    plan.program.row({ name, call: 'move_mount', args: [value(viewAt(mount)), '', AT_FDCWD, here, MOVE_OPENED] })
  } else if (plan.facts.mountsGiven?.has(destination)) {
    plan.program.row({ name, call: 'move_mount', args: [givenOr(plan, mount), '', AT_FDCWD, here, MOVE_OPENED] })
  } else {
    plan.program.row({ name, call: 'mount', args: [source, here, type, mountFlags(flags), data === '' ? 0 : data] })
  }
  if (here === '.') plan.program.row({ name: 'go back', call: 'chdir', args: ['/'] })
  restrictBelow(plan.program, mount)
  propagate(plan, mount)
}

/** @returns how the place is called from there */
function goToMountPoint(plan: Plan, { type, destination }: RuntimeMount): string {
  const isKernels = type === 'proc' || type === 'sysfs'
  // In the /dev that was made here nothing leads elsewhere.
  if (!isKernels && destination.startsWith('/dev/') && hasOwnDev(plan.spec)) return destination
  if (isKernels) goToRealDirectory(plan, destination)
  else {
    const held = holdMountPoint(plan, destination)
    plan.program.row({ name: `go to ${destination}`, call: 'fchdir', args: [value(held)] })
    letGoOfMountPoint(plan, held, destination)
  }
  return '.'
}

function mountBind(plan: Plan, mount: RuntimeMount, options: MountPointOptions): void {
  const { source = '', destination } = mount
  if (isDirectory(plan, mount)) makeDirectory(plan, destination, options)
  else makeFile(plan, destination, options)
  const held = holdMountPoint(plan, destination)
  plan.program.row({
    name: `bind ${source} on ${destination}`,
    call: 'move_mount',
    args: [givenOr(plan, mount), '', value(held), '', MOVE_OPENED_TO_OPENED],
  })
  letGoOfMountPoint(plan, held, destination)
  propagate(plan, mount)
}

function isDirectory({ facts }: Plan, mount: RuntimeMount): boolean {
  if (isBind(mount)) return facts.directories.has(mount.source ?? '')
  const request = facts.requests.get(mount.destination)
  return request?.type !== 'overlay' || request.file === undefined
}

/** Where the mount is held that comes to its place. */
function givenOr({ program, facts }: Plan, mount: RuntimeMount): Operand {
  const name = facts.mountsGiven?.get(mount.destination)
  return name === undefined ? value(sourceOf(mount)) : program.descriptor(name)
}

function propagate({ program }: Plan, { destination, options = [] }: RuntimeMount): void {
  const { propagation } = parseMountOptions(options)
  if (propagation === 0) return
  const args = [0, destination, 0, mountFlags(propagation), 0]
  program.row({ name: `set how mounts spread at ${destination}`, call: 'mount', args })
}
