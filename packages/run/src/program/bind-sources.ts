import { bytes, encodeMountAttributes, MOUNT_FLAGS, parseMountOptions, type Slot, slot, value } from '@gocker/kernel'
import type { RuntimeMount } from '@gocker/oci'
import { AT_EMPTY_PATH, AT_FDCWD, AT_RECURSIVE, CLONE_TREE, CLONE_TREES } from './constants.ts'
import { attributesOf } from './mount-attributes.ts'
import type { Plan } from './plan.ts'

export function isBind({ type, options = [] }: RuntimeMount): boolean {
  return type === 'bind' || options.includes('bind') || options.includes('rbind')
}

/** Where the copy of a bind's source is held. */
export function sourceOf({ destination }: RuntimeMount): Slot {
  return slot(`source of ${destination}`)
}

/**
 * Copies of what is bound from the host, in nobody's tree yet: taken while the host has paths, mounted when it has none any more.
 * @see open_tree(2)
 */
export function takeBindSources({ program, spec }: Plan): void {
  for (const mount of spec.mounts.filter(isBind)) {
    const { source = '', destination, options = [] } = mount
    const { flags, recursive } = parseMountOptions(options)
    const depth = (flags & MOUNT_FLAGS.MS_REC) !== 0 ? CLONE_TREES : CLONE_TREE
    program.row({
      name: `take ${source} for ${destination}`,
      call: 'open_tree',
      args: [AT_FDCWD, source, depth],
      result: sourceOf(mount),
      isolates: 'from the host: files, directories and volumes, taken before the host is out of sight',
    })
    // Before anybody can see the mount: it is never writable for a moment.
    for (const [attributes, below] of [[attributesOf(flags), 0] as const, [recursive, AT_RECURSIVE] as const]) {
      if (attributes === undefined) continue
      const content = encodeMountAttributes(attributes)
      program.row({
        name: `restrict ${destination}, read-only and the like (Linux 5.12)`,
        call: 'mount_setattr',
        args: [value(sourceOf(mount)), '', AT_EMPTY_PATH | below, bytes(content), content.length],
      })
    }
  }
}
