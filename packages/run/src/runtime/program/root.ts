import { bytes, encodeMountAttributes, MNT_DETACH, MOUNT_ATTRIBUTES, MOUNT_FLAGS, shown, slot, value } from '@gocker/kernel'
import { AT_FDCWD, HOLD_DIRECTORY, mountFlags } from '../../program/constants.ts'
import { makeDirectory } from '../../program/mount-point.ts'
import { propagationFlag } from '../../program/root.ts'
import type { RuntimePlan } from './plan.ts'

const { MS_BIND, MS_MOVE, MS_PRIVATE, MS_REC, MS_SLAVE } = MOUNT_FLAGS
const hostRoot = slot('root of the host')
const root = slot('root of the container')

/** Whether the container has mounts of its own; else it shares the host's, and makes none. */
export function hasMountNamespace({ spec }: Pick<RuntimePlan, 'spec'>): boolean {
  return spec.linux.namespaces.some(({ type }) => type === 'mount')
}

/** How mounts spread between the host and the container, and the root as a mount of its own. */
export function prepareRoot(plan: RuntimePlan): void {
  const { program, facts } = plan
  const { mountPoint } = facts.overlay
  if (hasMountNamespace(plan)) {
    spreadMounts(plan)
    const flags = mountFlags(MS_BIND | MS_REC)
    const isolates = 'root file system: the directory that was asked for'
    program.row({ name: `bind ${mountPoint} on itself`, call: 'mount', args: [mountPoint, mountPoint, 0, flags, 0], isolates })
  }
  program.row({ name: 'hold the root of the host', call: 'openat', args: [AT_FDCWD, '/', HOLD_DIRECTORY], result: hostRoot })
  program.row({ name: `hold ${mountPoint}`, call: 'openat', args: [AT_FDCWD, mountPoint, HOLD_DIRECTORY], result: root })
}

function spreadMounts({ program, spec, facts }: RuntimePlan): void {
  const { rootfsPropagation = 'slave' } = spec.linux
  // Of what may not be bound no root can be made: that comes at the end.
  const flag = rootfsPropagation.endsWith('unbindable') ? MS_PRIVATE : propagationFlag(rootfsPropagation)
  program.row({ name: 'let mounts spread as was asked for', call: 'mount', args: [0, '/', 0, mountFlags(flag | MS_REC), 0] })
  if ((flag & MOUNT_FLAGS.MS_SHARED) === 0) return
  // The mount that the root is in: pivot_root(2) takes none that is shared.
  const done = 'the root is in a private mount'
  for (const directory of upwards(facts.overlay.mountPoint)) {
    const next = `${directory} is no mount point`
    const args = [0, directory, 0, mountFlags(MS_PRIVATE), 0]
    program.row({ name: `let no mount spread from ${directory}`, call: 'mount', args, pass: ['EINVAL'], onError: next })
    program.jump(done)
    program.label(next)
  }
  program.label(done)
}

/** `/a/b`, `/a`, `/` of the first. */
function upwards(path: string): string[] {
  const parts = path.split('/').filter((part) => part !== '')
  return [...parts.map((_, index) => `/${parts.slice(0, parts.length - index).join('/')}`), '/']
}

/**
 * From here on every path means what it means in the container, where no symlink leads out (CVE-2021-30465), and the host's root is still held:
 * hooks are to run before it is let go.
 */
export function goInside({ program }: RuntimePlan): void {
  program.row({ name: 'go into the root', call: 'fchdir', args: [value(root)], isolates: 'the switch: the host has no path any more' })
  program.row({ name: 'see nothing else', call: 'chroot', args: ['.'] })
}

export function goOutside({ program }: RuntimePlan): void {
  program.row({
    name: 'go back to the root of the host',
    call: 'fchdir',
    args: [value(hostRoot)],
    isolates: 'before the switch is for good',
  })
  program.row({ name: 'see the host again', call: 'chroot', args: ['.'] })
}

/** For good. @see pivot_root(2), "pivot_root(".", ".")" */
export function changeRoot(plan: RuntimePlan): void {
  const { program, facts } = plan
  program.row({ name: 'go to the root', call: 'fchdir', args: [value(root)], isolates: 'the switch, for good' })
  if (!hasMountNamespace(plan)) program.row({ name: 'make it the root', call: 'chroot', args: ['.'] })
  else if (facts.noPivot) moveRoot(plan)
  else pivotRoot(plan)
  program.row({ name: 'go to the new root', call: 'chdir', args: ['/'] })
}

function pivotRoot({ program }: RuntimePlan): void {
  program.row({ name: 'make it the root, the old one over it', call: 'pivot_root', args: ['.', '.'] })
  program.row({ name: 'go to the old one', call: 'fchdir', args: [value(hostRoot)] })
  // Otherwise what is shared with the host would be unmounted there, too.
  program.row({ name: 'tell nobody of its end', call: 'mount', args: [0, '.', 0, mountFlags(MS_SLAVE | MS_REC), 0] })
  program.row({ name: 'take the old root away', call: 'umount2', args: ['.', shown(MNT_DETACH, 'MNT_DETACH')] })
}

/** Where the host's root is in memory, which cannot be changed. The host's own files of the kernel would still be below it. */
function moveRoot({ program }: RuntimePlan): void {
  for (const path of ['/proc', '/sys', '/dev'])
    program.row({ name: `take ${path} of the host away`, call: 'umount2', args: [path, shown(MNT_DETACH, 'MNT_DETACH')], pass: 'any' })
  program.row({ name: 'move it over the root', call: 'mount', args: ['.', '/', 0, mountFlags(MS_MOVE), 0] })
  program.row({ name: 'make it the root', call: 'chroot', args: ['.'] })
}

/** Last, when every mount point and the working directory are made. */
export function finishRoot(plan: RuntimePlan): void {
  const { program, spec } = plan
  makeDirectory(plan, spec.process.cwd, { pass: ['EROFS'], isolates: 'root: what is missing is made, and then it can be closed' })
  const { rootfsPropagation } = spec.linux
  if (!hasMountNamespace(plan)) return
  if (rootfsPropagation !== undefined) {
    // The root alone, unless all mounts are meant: each may have been asked to spread otherwise.
    const flags = mountFlags(propagationFlag(rootfsPropagation) | (rootfsPropagation.startsWith('r') ? MS_REC : 0))
    program.row({ name: `make mounts ${rootfsPropagation}`, call: 'mount', args: [0, '/', 0, flags, 0] })
  }
  if (!spec.root.readonly) return
  // Only this is set: what else the mount may not, it may not any longer either.
  const content = encodeMountAttributes({ set: MOUNT_ATTRIBUTES.MOUNT_ATTR_RDONLY, clear: 0n })
  const args = [AT_FDCWD, '/', 0, bytes(content), content.length]
  program.row({ name: 'make the root read-only (Linux 5.12)', call: 'mount_setattr', args })
}
