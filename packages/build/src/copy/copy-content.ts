import { readSync, writeSync } from 'node:fs'
import { copyRange, getXattr, KernelError, listXattrs, setXattr } from '@gocker/kernel'

const CHUNK = 1 << 20
/** What copy_file_range(2) answers where these two file systems, or this kernel, cannot. */
const CANNOT = ['EXDEV', 'EINVAL', 'ENOSYS', 'EOPNOTSUPP', 'EPERM', 'EIO']

/** Copies one open file to another, in the kernel where it can: without a copy at all on file systems that share extents. */
export function copyContent(from: number, to: number): void {
  try {
    while (copyRange(from, to, 1 << 30) > 0);
  } catch (error) {
    if (!(error instanceof KernelError) || !CANNOT.includes(error.code)) throw error
    copyByHand(from, to)
  }
}

/** Copies what belongs to a file wherever it lies: its capabilities and the user's attributes; after the owner, which clears capabilities. */
export function copyXattrs(from: number, to: number): void {
  for (const name of listXattrs(from)) {
    const value = name === 'security.capability' || name.startsWith('user.') ? getXattr(from, name) : undefined
    if (value !== undefined) setXattr(to, name, value)
  }
}

function copyByHand(from: number, to: number): void {
  const buffer = Buffer.allocUnsafe(CHUNK)
  for (let length = readSync(from, buffer); length > 0; length = readSync(from, buffer))
    for (let written = 0; written < length; ) written += writeSync(to, buffer, written, length - written)
}
