import { bytes, type CgroupView, encodeMountAttributes, MOUNT_FLAGS, parseMountOptions, type Slot, slot, value } from '@gocker/kernel'
import type { RuntimeMount, RuntimeSpec } from '@gocker/oci'
import { AT_EMPTY_PATH, AT_FDCWD, CLONE_TREE, MOVE_OPENED, mode, mountFlags } from './constants.ts'
import { attributesOf } from './mount-attributes.ts'
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

/**
 * Without a cgroup namespace a new mount would show the whole machine's, and so the container's own directory of each tree is bound: taken while
 * the host has paths. A tree of version 2 that is alone is shown whole, as other runtimes do.
 */
export function takeCgroupViews({ program, spec, facts }: Plan): void {
  if (hasCgroupNamespace(spec) || !spec.mounts.some(({ type }) => type === 'cgroup')) return
  for (const [index, view] of facts.cgroup.views.entries()) {
    const { directory } = facts.cgroup.entries[index] ?? {}
    if (view.controller === '' || directory === undefined) continue
    const args = [AT_FDCWD, directory, CLONE_TREE]
    program.row({ name: `take its cgroup ${view.controller}`, call: 'open_tree', args, result: heldView(view) })
  }
}

function hasCgroupNamespace({ linux }: RuntimeSpec): boolean {
  return linux.namespaces.some(({ type }) => type === 'cgroup')
}

function heldView({ controller }: CgroupView): Slot {
  return slot(`cgroup ${controller}`)
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
  if (hasCgroupNamespace(plan.spec)) mountView(plan, view, path, flags)
  else bindView(plan, view, path, flags)
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

function bindView({ program }: Plan, view: CgroupView, path: string, flags: number): void {
  const attributes = attributesOf(flags)
  const held = value(heldView(view))
  if (attributes !== undefined) {
    const content = encodeMountAttributes(attributes)
    const args = [held, '', AT_EMPTY_PATH, bytes(content), content.length]
    program.row({ name: `restrict cgroup ${view.controller} (Linux 5.12)`, call: 'mount_setattr', args })
  }
  program.row({ name: `bind its cgroup on ${path}`, call: 'move_mount', args: [held, '', AT_FDCWD, path, MOVE_OPENED] })
}
