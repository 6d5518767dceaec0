import { mkdirSync, symlinkSync } from 'node:fs'
import { CLONE_FLAGS, chroot, getXattr, type ImageMount, MOUNT_FLAGS, mount, mountImage, unshare } from '@gocker/kernel'
import { OPAQUE_XATTR } from '../layers/layer-whiteouts.ts'

// A directory that every host has and no layer is below. What is mounted on it is seen by the calling thread alone.
const STAGE = '/sys'

/**
 * Makes the directories, merged as overlayfs merges them, the root of the calling thread, for good. The mounts are in a namespace that ends with
 * the thread.
 * @param lowers absolute, the top one first
 * @param images what belongs in some of them
 * @throws {KernelError}
 * @see https://docs.kernel.org/filesystems/overlayfs.html
 */
export function enterMergedRoot(lowers: readonly string[], images: readonly ImageMount[]): void {
  unshare(CLONE_FLAGS.CLONE_FS | CLONE_FLAGS.CLONE_NEWNS)
  mount({ source: 'none', target: '/', flags: MOUNT_FLAGS.MS_REC | MOUNT_FLAGS.MS_PRIVATE })
  for (const image of images) mountImage(image)
  const seen = visibleLowers(lowers)
  mount({ source: 'none', target: STAGE, type: 'tmpfs' })
  // Short names: all the options have to fit into one page, and a path may hold a colon or a comma.
  for (const [index, lower] of seen.entries()) symlinkSync(lower, `${STAGE}/${index}`)
  // Overlayfs wants two directories at least, where none can be written.
  for (const name of ['empty', 'root']) mkdirSync(`${STAGE}/${name}`)
  const lowerdir = [...seen.keys(), 'empty'].map((name) => `${STAGE}/${name}`).join(':')
  mount({ source: 'overlay', target: `${STAGE}/root`, type: 'overlay', flags: MOUNT_FLAGS.MS_RDONLY, data: `lowerdir=${lowerdir}` })
  chroot(`${STAGE}/root`)
}

/** Overlayfs always merges the roots: one that hides all below it is for us to respect. */
function visibleLowers(lowers: readonly string[]): readonly string[] {
  const opaque = lowers.findIndex((lower) => getXattr(lower, OPAQUE_XATTR)?.toString() === 'y')
  return opaque < 0 ? lowers : lowers.slice(0, opaque + 1)
}
