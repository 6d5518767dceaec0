/** What mount_setattr(2) sets and clears on a mount and all below it. */
export interface MountAttributes {
  readonly set: bigint
  readonly clear: bigint
}

/** @see mount_setattr(2) */
export const MOUNT_ATTRIBUTES = {
  MOUNT_ATTR_RDONLY: 0x1n,
  MOUNT_ATTR_NOSUID: 0x2n,
  MOUNT_ATTR_NODEV: 0x4n,
  MOUNT_ATTR_NOEXEC: 0x8n,
  /** The three below are values of one field, which is cleared whole. */
  MOUNT_ATTR__ATIME: 0x70n,
  MOUNT_ATTR_RELATIME: 0x00n,
  MOUNT_ATTR_NOATIME: 0x10n,
  MOUNT_ATTR_STRICTATIME: 0x20n,
  MOUNT_ATTR_NODIRATIME: 0x80n,
  MOUNT_ATTR_NOSYMFOLLOW: 0x20_0000n,
} as const

/** `struct mount_attr`: 32 bytes. @see mount_setattr(2) */
export function encodeMountAttributes({ set, clear }: MountAttributes): Buffer {
  const bytes = Buffer.alloc(32)
  bytes.writeBigUInt64LE(set, 0)
  bytes.writeBigUInt64LE(clear, 8)
  return bytes
}
