import { type CgroupView, MOUNT_FLAGS, parseMountOptions } from '@gocker/kernel'
import type { RuntimeMount } from '@gocker/oci'
import { AT_FDCWD, mode, mountFlags } from './constants.ts'
import { type MountPointOptions, makeDirectory } from './mount-point.ts'
import type { Plan } from './plan.ts'

/** The container's cgroup as it finds a whole machine's: one tree of version 2, or a directory for each hierarchy. */
export function mountCgroups(plan: Plan, { destination, options = [] }: RuntimeMount, mountPoint: MountPointOptions): void {
  const { flags } = parseMountOptions(options)
  makeDirectory(plan, destination, mountPoint)
  const [alone] = plan.facts.cgroup.views.filter(({ controller }) => controller === '')
  if (alone !== undefined) mountView(plan, alone, destination, flags)
  else mountHierarchies(plan, { destination, flags })
}

/** A directory for each, in a file system that holds nothing else. */
function mountHierarchies(plan: Plan, place: { readonly destination: string; readonly flags: number }): void {
  const { destination, flags } = place
  const { MS_RDONLY, MS_REMOUNT, MS_BIND } = MOUNT_FLAGS
  const writable = flags & ~MS_RDONLY
  plan.program.row({
    name: `mount tmpfs on ${destination}`,
    call: 'mount',
    args: ['cgroup', destination, 'tmpfs', mountFlags(writable), 'mode=755'],
  })
  for (const view of plan.facts.cgroup.views) mountDirectory(plan, view, place)
  if ((flags & MS_RDONLY) === 0) return
  const args = [0, destination, 0, mountFlags(flags | MS_REMOUNT | MS_BIND), 0]
  plan.program.row({ name: `make ${destination} read-only`, call: 'mount', args })
}

function mountDirectory(plan: Plan, view: CgroupView, { destination, flags }: { destination: string; flags: number }): void {
  const path = `${destination}/${view.controller}`
  plan.program.row({ name: `make directory ${path}`, call: 'mkdirat', args: [AT_FDCWD, path, mode(0o755)] })
  mountView(plan, view, path, flags)
  for (const link of view.links)
    plan.program.row({
      name: `link ${link} to ${view.controller}`,
      call: 'symlinkat',
      args: [view.controller, AT_FDCWD, `${destination}/${link}`],
    })
}

function mountView({ program }: Plan, { hierarchy, mountOptions }: CgroupView, path: string, flags: number): void {
  const type = hierarchy === 'v1' ? 'cgroup' : 'cgroup2'
  const data = mountOptions === '' ? 0 : mountOptions
  program.row({ name: `mount ${type} on ${path}`, call: 'mount', args: ['cgroup', path, type, mountFlags(flags), data] })
}
