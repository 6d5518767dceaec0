import { closeSync } from 'node:fs'
import { encodeMountAttributes, type MountAttributes } from '../mounts/attributes.ts'
import { callFailed, cString, type Path } from './libc.ts'
import { systemCall } from './system-call.ts'

const AT_FDCWD = -100
const AT_EMPTY_PATH = 0x1000
const AT_RECURSIVE = 0x8000
const OPEN_TREE_CLONE = 1
const OPEN_TREE_CLOEXEC = 0o2_000_000
const MOUNT_ATTR_IDMAP = 0x10_0000n
const USER_NAMESPACE = 24

export interface MappedMount {
  readonly source: Path
  /** A descriptor of the user namespace whose maps say what the ids become. */
  readonly userNamespace: number
  /** With what is mounted below the source. */
  readonly recursive: boolean
  /** Whether what is below is mapped, too. */
  readonly mapsBelow: boolean
}

/**
 * A copy of a mount on which files have other owners; it is mounted nowhere, seen by its descriptor alone, and gone when that is closed.
 * @throws {KernelError} `EINVAL` where the file system cannot be mapped
 * @see mount_setattr(2), MOUNT_ATTR_IDMAP; Linux 5.12
 */
export function openMappedMount({ source, userNamespace, recursive, mapsBelow }: MappedMount): number {
  const flags = OPEN_TREE_CLONE | OPEN_TREE_CLOEXEC | (recursive ? AT_RECURSIVE : 0)
  const mounted = openTree(AT_FDCWD, cString(source) as string, flags)
  if (mounted < 0) throw callFailed('open_tree', `${source}`)
  try {
    change(mounted, mappingOf(userNamespace), { below: mapsBelow, what: `the owners of ${source}` })
    return mounted
  } catch (error) {
    closeSync(mounted)
    throw error
  }
}

/**
 * Gives files other owners on a mount that is nowhere yet.
 * @param what it is, for errors
 * @throws {KernelError} `EINVAL` where the file system cannot be mapped
 */
export function mapMounted(mounted: number, userNamespace: number, what: string): void {
  change(mounted, mappingOf(userNamespace), { below: false, what: `the owners of ${what}` })
}

/**
 * Changes what may be done on a mount that is nowhere yet, or on it and all below.
 * @throws {KernelError}
 * @see mount_setattr(2)
 */
export function setMountAttributes(mounted: number, attributes: MountAttributes, { below }: { readonly below: boolean }): void {
  change(mounted, encodeMountAttributes(attributes), { below, what: `descriptor ${mounted}` })
}

function mappingOf(userNamespace: number): Buffer {
  const attributes = encodeMountAttributes({ set: MOUNT_ATTR_IDMAP, clear: 0n })
  attributes.writeBigUInt64LE(BigInt(userNamespace), USER_NAMESPACE)
  return attributes
}

function change(mounted: number, attributes: Buffer, { below, what }: { readonly below: boolean; readonly what: string }): void {
  const flags = AT_EMPTY_PATH | (below ? AT_RECURSIVE : 0)
  if (mountSetattr(mounted, '', flags, attributes, attributes.length) < 0) throw callFailed('mount_setattr', what)
}

const openTree = systemCall('open_tree')
const mountSetattr = systemCall('mount_setattr')
