import { rmSync } from 'node:fs'
import { release } from 'node:os'
import { mountFileSystem } from '../door/file-system-context.ts'
import { MNT_DETACH, MOUNT_FLAGS, mount, unmount } from '../door/mount.ts'
import { inUserNamespace } from '../door/user-namespace.ts'
import { type ImageMount, mountImage } from './image-file.ts'

export interface OverlayMount {
  /** Directories, the top first; at least one. */
  readonly lowers: readonly string[]
  /** Of the lowers, those whose trees are in files: they are in their places while the overlay is mounted, which holds them from then on. */
  readonly images?: readonly ImageMount[]
  /** Both or neither: without them the overlay is read-only, and needs two lowers. */
  readonly upper?: string
  readonly work?: string
  readonly target: string
  /** What is written may be lost in a power failure; see {@link canBeVolatile}. */
  readonly isVolatile?: boolean
}

/** What fits the one page of mount(2)'s data, with a NUL behind it. */
const PAGE = 4095

/** Without these some kernels keep a renamed directory, or a file with another mode, as a reference to a layer below: no tar holds such a one. */
const PLAIN: readonly { readonly key: string; readonly value?: string }[] = [
  // In a user namespace its marks are `user.overlay.*` (Linux 5.11), and with that no directory is kept as a reference.
  inUserNamespace() ? { key: 'userxattr' } : { key: 'redirect_dir', value: 'off' },
  { key: 'metacopy', value: 'off' },
]

/**
 * Mounts layers as one tree. More layers than the data of mount(2) takes go in one by one, which needs Linux 6.5.
 * @throws {KernelError}
 * @see https://docs.kernel.org/filesystems/overlayfs.html
 */
export function mountOverlay({ images = [], ...overlay }: OverlayMount): void {
  const mounted: string[] = []
  try {
    for (const image of images) {
      mountImage(image)
      mounted.push(image.directory)
    }
    mountLowers(overlay)
  } finally {
    for (const directory of mounted) unmount(directory, MNT_DETACH)
  }
}

/**
 * Whether an overlay can do without syncs (Linux 5.10). Otherwise the end of the mount, and whoever makes it, waits until the whole file system
 * below it has been written to the disk.
 * @see https://docs.kernel.org/filesystems/overlayfs.html#volatile-mount
 */
export function canBeVolatile(): boolean {
  const [major = 0, minor = 0] = release().split('.').map(Number.parseFloat)
  return major > 5 || (major === 5 && minor >= 10)
}

/** The mark, in an overlay's work directory, of one that was volatile: a directory with a file `dirty`. The kernel mounts it no more as long as that is there. */
export const VOLATILE_MARK = 'work/incompat/volatile'

function mountLowers({ lowers, upper, work, target, isVolatile }: Omit<OverlayMount, 'images'>): void {
  const writable = upper === undefined || work === undefined ? [] : [`upperdir=${escaped(upper)}`, `workdir=${escaped(work)}`]
  const parameters = isVolatile === true && canBeVolatile() ? [...PLAIN, { key: 'volatile' }] : PLAIN
  const plain = parameters.map(({ key, value }) => (value === undefined ? key : `${key}=${value}`))
  // The power has not failed since: this kernel has all that was written.
  if (work !== undefined) rmSync(`${work}/${VOLATILE_MARK}`, { recursive: true, force: true })
  const data = [`lowerdir=${lowers.map(escapedLower).join(':')}`, ...writable, ...plain].join(',')
  if (Buffer.byteLength(data) <= PAGE) {
    mount({ source: 'overlay', target, type: 'overlay', data, flags: writable.length === 0 ? MOUNT_FLAGS.MS_RDONLY : 0 })
    return
  }
  const upperAndWork =
    upper === undefined || work === undefined
      ? []
      : [
          { key: 'upperdir', value: upper },
          { key: 'workdir', value: work },
        ]
  mountFileSystem({
    type: 'overlay',
    target,
    parameters: [...lowers.map((value) => ({ key: 'lowerdir+', value })), ...upperAndWork, ...parameters],
  })
}

// In mount(2)'s data a comma ends an option, in lowerdir a colon ends a directory.
function escaped(path: string): string {
  return path.replace(/[\\,]/g, '\\$&')
}

function escapedLower(path: string): string {
  return path.replace(/[\\,:]/g, '\\$&')
}
