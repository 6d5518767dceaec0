import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { type Digest, digestOf } from '@gocker/oci'
import type { TreeEntry } from './tree.ts'

const CHUNK = 1 << 20

/** Knows contents by their files' versions, or reads them. */
export interface FileDigests {
  /** @param read gives the content's digest */
  of(entry: TreeEntry, read: () => string): string
  /** The fingerprint that files had at an earlier build when they were, all of them, as they are now. */
  fingerprintOf(version: string): Digest | undefined
  /** @param entries the files; nothing is remembered of those that may still change unseen */
  remember(version: string, fingerprint: Digest, entries: readonly TreeEntry[]): void
}

const READING: Pick<FileDigests, 'of'> = { of: (_, read) => read() }

/**
 * What COPY would bring of these files, as one digest: names, types, modes, contents, and which names are one file's.
 * Not owners, which COPY sets, and not times, which change with every checkout.
 */
export function fingerprint(root: string, entries: readonly TreeEntry[], digests = READING): Digest {
  const names = new Map<string, string>()
  const content = (entry: TreeEntry) => digests.of(entry, () => contentDigest(`${root}/${entry.path}`, entry))
  // One update costs as much as a few lines.
  return digestOf(entries.map((entry) => `${JSON.stringify(factsOf(entry, content, names))}\n`).join(''))
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
