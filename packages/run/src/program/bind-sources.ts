import { bytes, encodeMountAttributes, MOUNT_FLAGS, parseMountOptions, type Slot, slot, struct, value } from '@gocker/kernel'
import type { RuntimeMount } from '@gocker/oci'
import type { PlacedRequest } from '../options/mount-request.ts'
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_RECURSIVE,
  CLONE_OPENED,
  CLONE_OPENED_TREES,
  CLONE_TREE,
  CLONE_TREES,
  HOLD,
  OPEN_HOW_SIZE,
  RESOLVE_NO_SYMLINKS,
} from './constants.ts'
import { attributesOf } from './mount-attributes.ts'
import type { Plan } from './plan.ts'

const FROM_HOST = { isolates: 'from the host: files, directories and volumes, taken before the host is out of sight' }

export function isBind({ type, options = [] }: RuntimeMount): boolean {
  return type === 'bind' || options.includes('bind') || options.includes('rbind')
}

/** Changes a mount that is there, and brings none. */
export function isRemount({ options = [] }: RuntimeMount): boolean {
  return options.includes('remount')
}

/** Where the copy of a bind's source is held. */
export function sourceOf({ destination }: RuntimeMount): Slot {
  return slot(`source of ${destination}`)
}

/**
 * Copies of what is bound from the host, in nobody's tree yet: taken while the host has paths, mounted when it has none any more.
 * @see open_tree(2)
 */
export function takeBindSources({ program, spec, facts }: Plan): void {
  for (const mount of spec.mounts.filter((each) => isBind(each) && !isRemount(each))) {
    if (facts.mountsGiven?.has(mount.destination)) continue
    const request = facts.requests.get(mount.destination)
    if (request?.type === 'content') continue
    if (isPlain(request)) takePlainSource(program, mount)
    else takeSource(program, mount)
    restrictSource(program, mount)
  }
}

/** A symlink in its source could be somebody's who is not to choose what is mounted. */
function isPlain(request: PlacedRequest | undefined): boolean {
  if (request?.type === 'volume') return request.subpath !== undefined
  return request?.type === 'bind' && request.noSymlinks === true
}

function takeSource(program: Plan['program'], mount: RuntimeMount): void {
  const { source = '', destination } = mount
  program.row({
    name: `take ${source} for ${destination}`,
    call: 'open_tree',
    args: [AT_FDCWD, source, isRecursive(mount) ? CLONE_TREES : CLONE_TREE],
    result: sourceOf(mount),
    ...FROM_HOST,
  })
}

/** By a descriptor: what it was opened without a symlink is what is taken. */
function takePlainSource(program: Plan['program'], mount: RuntimeMount): void {
  const { source = '', destination } = mount
  const held = slot(`plain source of ${destination}`)
  const how = struct([HOLD, 0, RESOLVE_NO_SYMLINKS])
  const opening = { call: 'openat2', args: [AT_FDCWD, source, how, OPEN_HOW_SIZE], result: held } as const
  program.row({ name: `find ${source} without a symlink on the way`, ...opening, ...FROM_HOST })
  const depth = isRecursive(mount) ? CLONE_OPENED_TREES : CLONE_OPENED
  program.row({ name: `take it for ${destination}`, call: 'open_tree', args: [value(held), '', depth], result: sourceOf(mount) })
  program.row({ name: `let go of ${source}`, call: 'close', args: [value(held)] })
}

/** Before anybody can see the mount: it is never writable for a moment. */
export function restrictSource(program: Plan['program'], mount: RuntimeMount): void {
  const { destination, options = [] } = mount
  const { flags, recursive } = parseMountOptions(options)
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

function isRecursive({ options = [] }: RuntimeMount): boolean {
  return (parseMountOptions(options).flags & MOUNT_FLAGS.MS_REC) !== 0
}
