import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import type { Digest } from '@gocker/oci'
import type { TreeEntry } from './tree.ts'

const CHUNK = 1 << 20

/** Knows contents by their files' versions, or reads them. */
export interface FileDigests {
  /** @param read gives the content's digest */
  of(entry: TreeEntry, read: () => string): string
  /** The fingerprint of files that are all as they were at an earlier build; else what `make` gives. */
  ofAll(entries: readonly TreeEntry[], make: () => Digest): Digest
}

const READING: FileDigests = { of: (_, read) => read(), ofAll: (_, make) => make() }

/**
 * What COPY would bring of these files, as one digest: names, types, modes, contents, and which names are one file's.
 * Not owners, which COPY sets, and not times, which change with every checkout.
 */
export function fingerprint(root: string, entries: readonly TreeEntry[], digests = READING): Digest {
  return digests.ofAll(entries, () => {
    const names = new Map<string, string>()
    const content = (entry: TreeEntry) => digests.of(entry, () => contentDigest(`${root}/${entry.path}`, entry))
    const { createHash } = process.getBuiltinModule('node:crypto')
    // One update costs as much as a few lines.
    const lines = entries.map((entry) => `${JSON.stringify(factsOf(entry, content, names))}\n`).join('')
    return `sha256:${createHash('sha256').update(lines).digest('hex')}`
  })
}

function factsOf(entry: TreeEntry, content: (entry: TreeEntry) => string, names: Map<string, string>): unknown[] {
  const { path, type, mode, target, device, identity } = entry
  const first = identity === undefined ? undefined : names.get(identity)
  if (first !== undefined) return [path, 'link', first]
  if (identity !== undefined) names.set(identity, path)
  return [path, type, type === 'symlink' ? 0 : mode, target, device, type === 'file' ? content(entry) : undefined]
}

let buffer: Buffer | undefined

function contentDigest(path: string, entry: TreeEntry): string {
  const hash = process.getBuiltinModule('node:crypto').createHash('sha256')
  buffer ??= Buffer.allocUnsafeSlow(CHUNK)
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    checkVersion(path, fd, entry)
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) hash.update(buffer.subarray(0, length))
    // What changed meanwhile was read in part as it was, and in part as it is.
    checkVersion(path, fd, entry)
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}

function checkVersion(path: string, fd: number, { version: { device, inode, changed } }: TreeEntry): void {
  const { dev, ino, ctimeMs } = fstatSync(fd)
  if (dev === device && ino === inode && ctimeMs === changed) return
  throw new Error(`reading ${path}: it changes while the build reads it`)
}
