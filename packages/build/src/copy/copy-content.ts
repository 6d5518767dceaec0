import { type BigIntStats, ftruncateSync, readSync, writeSync } from 'node:fs'
import { copyRange, getXattr, KernelError, listXattrs, SEEK, seek, setXattr } from '@gocker/kernel'

const CHUNK = 1 << 20
const BLOCK = 512n

/**
 * Copies one open file to another, in the kernel where it can: without a copy at all on file systems that share extents.
 * Holes stay holes.
 * @param stats of the file that is copied: nothing behind its size is
 */
export function copyContent(from: number, to: number, { size, blocks }: BigIntStats): void {
  if (blocks * BLOCK < size) copyExtents(from, to, Number(size))
  else copyLength(from, to, Number(size))
}

/** What belongs to the machine that a file lies on, and to the overlay above it. */
const LOCAL_XATTRS = /^(?:trusted\.overlay\.|user\.overlay\.|system\.|security\.(?:selinux|ima|evm)$)/

/** Copies what belongs to a file wherever it lies, such as its capabilities; after the owner, which clears those. */
export function copyXattrs(from: number, to: number | string): void {
  for (const name of listXattrs(from)) {
    const value = LOCAL_XATTRS.test(name) ? undefined : getXattr(from, name)
    if (value !== undefined) setXattr(to, name, value)
  }
}

function copyExtents(from: number, to: number, size: number): void {
  for (let start = seek(from, 0, SEEK.DATA); start !== undefined; ) {
    const end = seek(from, start, SEEK.HOLE) ?? size
    seek(from, start, SEEK.SET)
    seek(to, start, SEEK.SET)
    copyLength(from, to, end - start)
    start = seek(from, end, SEEK.DATA)
  }
  ftruncateSync(to, size)
}

/** Where the kernel does not copy, whatever it says, the rest is read and written: what is really wrong is then said by that. */
function copyLength(from: number, to: number, length: number): void {
  let left = length
  try {
    for (let copied = -1; copied !== 0 && left > 0; left -= copied) copied = copyRange(from, to, Math.min(left, 1 << 30))
  } catch (error) {
    if (!(error instanceof KernelError)) throw error
    copyByHand(from, to, left)
  }
}

function copyByHand(from: number, to: number, length: number): void {
  const buffer = Buffer.allocUnsafe(CHUNK)
  for (let left = length; left > 0; ) {
    const read = readSync(from, buffer, 0, Math.min(left, CHUNK), null)
    if (read === 0) return
    for (let written = 0; written < read; ) written += writeSync(to, buffer, written, read - written)
    left -= read
  }
}
