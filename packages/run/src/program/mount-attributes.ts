import { MOUNT_ATTRIBUTES, MOUNT_FLAGS, type MountAttributes } from '@gocker/kernel'

/** The flags of mount(2) that have another number with mount_setattr(2), or the same. */
const ATTRIBUTES: readonly (readonly [flag: number, attribute: bigint])[] = [
  [MOUNT_FLAGS.MS_RDONLY, MOUNT_ATTRIBUTES.MOUNT_ATTR_RDONLY],
  [MOUNT_FLAGS.MS_NOSUID, MOUNT_ATTRIBUTES.MOUNT_ATTR_NOSUID],
  [MOUNT_FLAGS.MS_NODEV, MOUNT_ATTRIBUTES.MOUNT_ATTR_NODEV],
  [MOUNT_FLAGS.MS_NOEXEC, MOUNT_ATTRIBUTES.MOUNT_ATTR_NOEXEC],
  [MOUNT_FLAGS.MS_NODIRATIME, MOUNT_ATTRIBUTES.MOUNT_ATTR_NODIRATIME],
  [MOUNT_FLAGS.MS_NOSYMFOLLOW, MOUNT_ATTRIBUTES.MOUNT_ATTR_NOSYMFOLLOW],
]

const ACCESS_TIMES: readonly (readonly [flag: number, attribute: bigint])[] = [
  [MOUNT_FLAGS.MS_NOATIME, MOUNT_ATTRIBUTES.MOUNT_ATTR_NOATIME],
  [MOUNT_FLAGS.MS_STRICTATIME, MOUNT_ATTRIBUTES.MOUNT_ATTR_STRICTATIME],
  [MOUNT_FLAGS.MS_RELATIME, MOUNT_ATTRIBUTES.MOUNT_ATTR_RELATIME],
]

/** What mount_setattr(2) has to set for these flags of mount(2); undefined for nothing. */
export function attributesOf(flags: number): MountAttributes | undefined {
  const isSet = ([flag]: readonly [number, bigint]) => (flags & flag) !== 0
  const access = ACCESS_TIMES.find(isSet)
  const chosen = [...ATTRIBUTES.filter(isSet), ...(access === undefined ? [] : [access])]
  if (chosen.length === 0) return undefined
  const clear = access === undefined ? 0n : MOUNT_ATTRIBUTES.MOUNT_ATTR__ATIME
  return { set: chosen.reduce((all, [, attribute]) => all | attribute, 0n), clear }
}
