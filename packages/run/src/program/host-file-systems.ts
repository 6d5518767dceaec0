import { MNT_DETACH, parseMountOptions, shown } from '@gocker/kernel'
import type { RuntimeMount } from '@gocker/oci'
import { isBind, isRemount, restrictSource, sourceOf } from './bind-sources.ts'
import { AT_FDCWD, CLONE_TREE, mountFlags } from './constants.ts'
import type { Plan } from './plan.ts'

/** Whether what a file system is made of is named by a path of the host's: a device, or directories that are stacked. */
export function isFoundOnHost({ type, source = '' }: RuntimeMount): boolean {
  return type === 'overlay' || source.startsWith('/')
}

/**
 * Mounted for a moment where the container's root will be, and held from there on.
 * @throws {KernelError} for options that cannot be
 */
export function takeHostFileSystems({ program, spec, facts }: Plan): void {
  const { mountPoint } = facts.overlay
  for (const mount of spec.mounts) {
    if (isBind(mount) || isRemount(mount) || !isFoundOnHost(mount)) continue
    const { type = '', source = type, destination, options = [] } = mount
    const { flags, data } = parseMountOptions(options)
    const args = [source, mountPoint, type, mountFlags(flags), data === '' ? 0 : data]
    const isolates = 'from the host: file systems, mounted before the host is out of sight'
    program.row({ name: `mount ${type} for ${destination}`, call: 'mount', args, isolates })
    program.row({
      name: `take it for ${destination}`,
      call: 'open_tree',
      args: [AT_FDCWD, mountPoint, CLONE_TREE],
      result: sourceOf(mount),
    })
    restrictSource(program, mount)
    program.row({ name: `clear ${mountPoint}`, call: 'umount2', args: [mountPoint, shown(MNT_DETACH, 'MNT_DETACH')] })
  }
}
