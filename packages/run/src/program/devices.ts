import { makeDevice, type Operand, shown, value } from '@gocker/kernel'
import type { RuntimeDevice, RuntimeSpec } from '@gocker/oci'
import { AT_FDCWD, MOVE_OPENED, mode, S_IFBLK, S_IFCHR, S_IFIFO, S_IFREG } from './constants.ts'
import { hostDevice } from './host-devices.ts'
import { inParent, makeDirectory } from './mount-point.ts'
import type { Plan, PlanWith } from './plan.ts'
import { isUnprivileged } from './user-namespace.ts'

/** @see https://github.com/opencontainers/runtime-spec/blob/main/config-linux.md#default-devices */
const DEFAULT_DEVICES: readonly RuntimeDevice[] = [
  { path: '/dev/null', type: 'c', major: 1, minor: 3, fileMode: 0o666 },
  { path: '/dev/zero', type: 'c', major: 1, minor: 5, fileMode: 0o666 },
  { path: '/dev/full', type: 'c', major: 1, minor: 7, fileMode: 0o666 },
  { path: '/dev/random', type: 'c', major: 1, minor: 8, fileMode: 0o666 },
  { path: '/dev/urandom', type: 'c', major: 1, minor: 9, fileMode: 0o666 },
  { path: '/dev/tty', type: 'c', major: 5, minor: 0, fileMode: 0o666 },
]

/** @see https://github.com/opencontainers/runtime-spec/blob/main/runtime-linux.md#dev-symbolic-links */
const LINKS: readonly (readonly [path: string, target: string])[] = [
  ['/dev/fd', '/proc/self/fd'],
  ['/dev/stdin', '/proc/self/fd/0'],
  ['/dev/stdout', '/proc/self/fd/1'],
  ['/dev/stderr', '/proc/self/fd/2'],
  ['/dev/core', '/proc/kcore'],
  ['/dev/ptmx', 'pts/ptmx'],
]

const AT_SYMLINK_NOFOLLOW = shown(0x100, 'AT_SYMLINK_NOFOLLOW')
const GROUP = '/dev: the harmless devices that every program expects'
const KINDS: Readonly<Record<RuntimeDevice['type'], number>> = { c: S_IFCHR, u: S_IFCHR, b: S_IFBLK, p: S_IFIFO }

/** In a /dev of its own, which is empty: whatever is made here is what it says it is. */
export function devices(plan: Plan): void {
  for (const device of devicesOf(plan.spec)) {
    if (device.type !== 'p' && isUnprivileged(plan)) bindNode(plan, device)
    else makeNode(plan, device)
  }
  for (const [path, target] of LINKS)
    inParentOf(plan, path, (parent, name) => {
      plan.program.row({ name: `link ${path} to ${target}`, call: 'symlinkat', args: [target, parent, name], pass: ['EEXIST'] })
    })
}

/** Those that every container has, and those that were asked for. */
export function devicesOf({ linux: { devices: asked = [] } }: RuntimeSpec): RuntimeDevice[] {
  const taken = new Set(asked.map(({ path }) => path))
  return [...DEFAULT_DEVICES.filter(({ path }) => !taken.has(path)), ...asked]
}

function bindNode(plan: Plan, device: RuntimeDevice): void {
  const { program } = plan
  const { path } = device
  makeDirectoryOf(plan, path)
  makeEmptyNode(plan, path)
  const args = [value(hostDevice(device)), '', AT_FDCWD, path, MOVE_OPENED]
  program.row({ name: `bind the host's device on ${path}`, call: 'move_mount', args, isolates: GROUP })
}

function makeDirectoryOf(plan: Plan, path: string): void {
  const directory = path.slice(0, path.lastIndexOf('/'))
  if (directory !== '/dev') makeDirectory(plan, directory)
}

function makeNode(plan: Plan, { path, type, major = 0, minor = 0, fileMode = 0o666, uid = 0, gid = 0 }: RuntimeDevice): void {
  const { program } = plan
  makeDirectoryOf(plan, path)
  // A mode from elsewhere may have the kind of file in it.
  const kind = mode(KINDS[type] | (fileMode & 0o7777))
  const number = type === 'p' ? 0 : shown(makeDevice(major, minor), `device ${major}:${minor}`)
  inParentOf(plan, path, (parent, name) => {
    // EEXIST: in a /dev of the image's, or one that was made before.
    program.row({ name: `make device ${path}`, call: 'mknodat', args: [parent, name, kind, number], pass: ['EEXIST'], isolates: GROUP })
    if (uid === 0 && gid === 0) return
    program.row({ name: `give ${path} its owner`, call: 'fchownat', args: [parent, name, uid, gid, AT_SYMLINK_NOFOLLOW] })
  })
}

/** An empty file for a mount to cover. */
export function makeEmptyNode(plan: PlanWith, path: string): void {
  const { program } = plan
  inParentOf(plan, path, (parent, name) => {
    program.row({ name: `make file ${path}`, call: 'mknodat', args: [parent, name, mode(S_IFREG | 0o600), 0], pass: ['EEXIST'] })
  })
}

function inParentOf({ program, spec }: PlanWith, path: string, act: (parent: Operand, name: string) => void): void {
  if (hasOwnDev(spec) && /^\/dev\/[^/]+$/.test(path)) act(AT_FDCWD, path)
  else inParent(program, path, { isolates: GROUP }, act)
}

/** Where /dev is made here nothing of the image's is in it, and no name in it is a link to elsewhere. */
export function hasOwnDev({ mounts }: RuntimeSpec): boolean {
  return mounts.some(({ destination, type }) => destination === '/dev' && type === 'tmpfs')
}
