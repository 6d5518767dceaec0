import { bytes, MNT_DETACH, MOUNT_FLAGS, shown, slot, value } from '@gocker/kernel'
import type { RuntimeMount } from '@gocker/oci'
import type { ContentRequest, OverlayRequest } from '../options/mount-request.ts'
import { restrictSource, sourceOf } from './bind-sources.ts'
import { AT_FDCWD, CLONE_TREE, mode, mountFlags, TO_MAKE } from './constants.ts'
import { mountStacked } from './overlay.ts'
import type { Plan } from './plan.ts'

/** Of tmpfs, which counts a file's bytes in pages, and its directory as one. */
const PAGE = 65_536

/**
 * What is made for this container alone: trees stacked of several directories, and files that are in memory alone. Each is mounted for
 * a moment where the container's root will be, and held from there on; no mount is private before, and the host's paths are gone after.
 */
export function takeMadeSources(plan: Plan): void {
  for (const mount of plan.spec.mounts) {
    const request = plan.facts.requests.get(mount.destination)
    if (request?.type === 'overlay') takeOverlay(plan, mount, request)
    if (request?.type === 'content') takeContent(plan, mount, request)
  }
}

function takeOverlay(plan: Plan, mount: RuntimeMount, { lowers, upper, file }: OverlayRequest): void {
  const { mountPoint } = plan.facts.overlay
  const writable = upper === undefined ? {} : { upper: upper.directory, work: upper.work }
  mountStacked(plan, { lowers, ...writable, mountPoint })
  holdAndUnmount(plan, mount, file === undefined ? mountPoint : `${mountPoint}/${file}`)
}

function takeContent(plan: Plan, mount: RuntimeMount, { content, mode: bits, uid, gid }: ContentRequest): void {
  const { program, facts } = plan
  const { mountPoint } = facts.overlay
  const { destination } = mount
  const path = `${mountPoint}/content`
  const file = slot(`content of ${destination}`)
  const flags = mountFlags(MOUNT_FLAGS.MS_NOSUID | MOUNT_FLAGS.MS_NODEV | MOUNT_FLAGS.MS_NOEXEC)
  const size = (Math.ceil(content.length / PAGE) + 1) * PAGE
  program.row({
    name: `mount memory for ${destination}`,
    call: 'mount',
    args: ['tmpfs', mountPoint, 'tmpfs', flags, `mode=0700,nr_inodes=2,size=${size}`],
    isolates: 'files in memory: written to no disk',
  })
  program.row({ name: `make a file for ${destination}`, call: 'openat', args: [AT_FDCWD, path, TO_MAKE, mode(0o600)], result: file })
  const told = shown(bytes(content), 'the content')
  if (content.length > 0) program.row({ name: `write ${destination}`, call: 'write', args: [value(file), told, content.length] })
  program.row({ name: `give ${destination} its owner`, call: 'fchown', args: [value(file), uid, gid] })
  program.row({ name: `give ${destination} its mode`, call: 'fchmod', args: [value(file), mode(bits)] })
  program.row({ name: `close ${destination}`, call: 'close', args: [value(file)] })
  holdAndUnmount(plan, mount, path)
}

function holdAndUnmount({ program, facts }: Plan, mount: RuntimeMount, path: string): void {
  program.row({ name: `take it for ${mount.destination}`, call: 'open_tree', args: [AT_FDCWD, path, CLONE_TREE], result: sourceOf(mount) })
  restrictSource(program, mount)
  const { mountPoint } = facts.overlay
  program.row({ name: `clear ${mountPoint}`, call: 'umount2', args: [mountPoint, shown(MNT_DETACH, 'MNT_DETACH')] })
}
