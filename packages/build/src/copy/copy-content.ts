import { type BigIntStats, ftruncateSync, readSync, writeSync } from 'node:fs'
import { copyRange, getXattr, KernelError, listXattrs, SEEK, seek, setXattr } from '@gocker/kernel'

const CHUNK = 1 << 20
const BLOCK = 512n

/** Copies contents from one file system to another; what these two cannot do is tried once. */
export class ContentCopier {
  readonly #buffer = Buffer.allocUnsafeSlow(CHUNK)
  #isInKernel = true

  /**
   * Copies one open file to another, in the kernel where it can: without a copy at all on file systems that share extents.
   * Holes stay holes.
   * @param stats of the file that is copied: nothing behind its size is
   */
  copy(from: number, to: number, { size, blocks }: BigIntStats): void {
    if (blocks * BLOCK < size) this.#copyExtents(from, to, Number(size))
    else this.#copyLength(from, to, Number(size))
  }

  #copyExtents(from: number, to: number, size: number): void {
    for (let start = seek(from, 0, SEEK.DATA); start !== undefined; ) {
      const end = seek(from, start, SEEK.HOLE) ?? size
      seek(from, start, SEEK.SET)
      seek(to, start, SEEK.SET)
      this.#copyLength(from, to, end - start)
      start = seek(from, end, SEEK.DATA)
    }
    ftruncateSync(to, size)
  }

  /** Where the kernel does not copy, whatever it says, the rest is read and written: what is really wrong is then said by that. */
  #copyLength(from: number, to: number, length: number): void {
    const copied = this.#isInKernel ? this.#copyInKernel(from, to, length) : 0
    this.#copyByHand(from, to, length - copied)
  }

  #copyInKernel(from: number, to: number, length: number): number {
    let done = 0
    try {
      for (let copied = -1; copied !== 0 && done < length; done += copied) copied = copyRange(from, to, Math.min(length - done, 1 << 30))
    } catch (error) {
      if (!(error instanceof KernelError)) throw error
      this.#isInKernel = false
    }
    return done
  }

  #copyByHand(from: number, to: number, length: number): void {
    for (let left = length; left > 0; ) {
      const read = readSync(from, this.#buffer, 0, Math.min(left, CHUNK), null)
      if (read === 0) return
      for (let written = 0; written < read; ) written += writeSync(to, this.#buffer, written, read - written)
      left -= read
    }
  }
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
