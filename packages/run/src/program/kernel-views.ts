import { bytes, encodeMountAttributes, parseMountOptions, type Slot, slot, value } from '@gocker/kernel'
import type { RuntimeMount } from '@gocker/oci'
import {
  AT_EMPTY_PATH,
  AT_FDCWD,
  AT_RECURSIVE,
  CLONE_TREES,
  FSCONFIG_CMD_CREATE,
  FSCONFIG_SET_FLAG,
  FSCONFIG_SET_STRING,
} from './constants.ts'
import { attributesOf } from './mount-attributes.ts'
import type { Plan, PlanWith } from './plan.ts'
import { isUnprivileged } from './user-namespace.ts'

/** Whether a mount was made before the root was changed. */
export function isTakenBefore(plan: PlanWith<'inUserNamespace'>, { type }: RuntimeMount): boolean {
  return (type === 'proc' || type === 'sysfs') && isUnprivileged(plan)
}

/** Where such a mount is held. */
export function viewAt({ destination }: RuntimeMount): Slot {
  return slot(`view of the kernel at ${destination}`)
}

/**
 * While the host's are in sight: who is root in a user namespace only is given no /proc and no /sys that would show more than those that he sees.
 * @see mount_too_revealing() in fs/namespace.c of Linux
 */
export function takeKernelViews(plan: Plan): void {
  for (const mount of plan.spec.mounts.filter((each) => isTakenBefore(plan, each))) takeView(plan, mount)
}

function takeView({ program }: Plan, mount: RuntimeMount): void {
  const { type = '', destination, options = [] } = mount
  const { flags, data } = parseMountOptions(options)
  const context = slot(`${type} context`)
  const [shared, done] = [`share ${type} at ${destination}`, `${type} for ${destination} is there`]
  const attributes = attributesOf(flags)
  const isolates = `${type}: taken while the host's is in sight`
  // sysfs shows devices of a network, and is given only to who owns that.
  const refused = type === 'sysfs' ? { pass: ['EPERM'], onError: shared } : {}
  program.row({ name: `begin a ${type}`, call: 'fsopen', args: [type, 1], result: context, isolates, ...refused })
  for (const option of data.split(',').filter((each) => each !== '')) {
    const [key = '', text] = option.split('=')
    const command = text === undefined ? FSCONFIG_SET_FLAG : FSCONFIG_SET_STRING
    program.row({ name: `set ${option}`, call: 'fsconfig', args: [value(context), command, key, text ?? 0, 0] })
  }
  program.row({ name: `finish the ${type}`, call: 'fsconfig', args: [value(context), FSCONFIG_CMD_CREATE, 0, 0, 0], ...refused })
  const args = [value(context), 1, attributes?.set ?? 0]
  program.row({ name: `mount ${type} for ${destination}`, call: 'fsmount', args, result: viewAt(mount) })
  program.jump(done)
  program.label(shared)
  if (type === 'sysfs') shareSys(program, mount)
  program.label(done)
}

/** The host's, in which nothing can be changed. */
function shareSys(program: Plan['program'], mount: RuntimeMount): void {
  const { flags } = parseMountOptions(mount.options ?? [])
  program.row({ name: "take the host's /sys", call: 'open_tree', args: [AT_FDCWD, '/sys', CLONE_TREES], result: viewAt(mount) })
  const attributes = attributesOf(flags)
  if (attributes === undefined) return
  const content = encodeMountAttributes(attributes)
  const args = [value(viewAt(mount)), '', AT_EMPTY_PATH | AT_RECURSIVE, bytes(content), content.length]
  program.row({ name: 'restrict it', call: 'mount_setattr', args })
}
