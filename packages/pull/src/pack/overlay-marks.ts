import type { BigIntStats } from 'node:fs'
import { getXattr, overlayXattr } from '@gocker/kernel'
import { WHITEOUT_PREFIX } from '@gocker/oci'
import { PullError } from '../error.ts'
import { lastName } from '../layers/entry-path.ts'
import { layerFile } from '../layers/layer-files.ts'
import { OPAQUE_XATTR } from '../layers/layer-whiteouts.ts'
import { type ByteText, readable } from '../tar-reader/tar-entry.ts'

const NOT_IN_LAYERS = [overlayXattr('redirect'), overlayXattr('metacopy')]

/** Whether overlayfs hides the name below: a character device 0/0. */
export function isWhiteout(stats: BigIntStats): boolean {
  return stats.isCharacterDevice() && stats.rdev === 0n
}

export function isOpaque(path: ByteText): boolean {
  return getXattr(layerFile(path), OPAQUE_XATTR)?.toString() === 'y'
}

/**
 * Refuses what only makes sense above the very layers that the upper directory was mounted on, and names that would hide others.
 * @throws {PullError} `READ_FAILED`
 */
export function checkLayerable(path: ByteText): void {
  const what = `reading ${JSON.stringify(readable(path))} for a layer`
  if (lastName(path).startsWith(WHITEOUT_PREFIX))
    throw new PullError('READ_FAILED', `${what}: a name that begins with .wh. means another file in a layer`)
  const mark = NOT_IN_LAYERS.find((name) => getXattr(layerFile(path), name) !== undefined)
  if (mark === undefined) return
  throw new PullError('READ_FAILED', `${what}: it carries ${mark}, whose rest is in a layer below`, {
    hint: 'mount the overlay with redirect_dir=off,metacopy=off',
  })
}
