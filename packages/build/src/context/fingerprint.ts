import { createHash } from 'node:crypto'
import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '@gocker/oci'
import type { TreeEntry } from './tree.ts'

const CHUNK = 1 << 20

/**
 * What COPY would bring of these files, as one digest: names, types, modes, contents, and which names are one file's.
 * Not owners, which COPY sets, and not times, which change with every checkout.
 */
export function fingerprint(root: string, entries: Iterable<TreeEntry>): Digest {
  const hash = createHash('sha256')
  const names = new Map<string, string>()
  for (const entry of entries) hash.update(`${JSON.stringify(factsOf(root, entry, names))}\n`)
  return `sha256:${hash.digest('hex')}`
}

function factsOf(root: string, entry: TreeEntry, names: Map<string, string>): unknown[] {
  const { path, type, mode, target, device, identity } = entry
  const first = identity === undefined ? undefined : names.get(identity)
  if (first !== undefined) return [path, 'link', first]
  if (identity !== undefined) names.set(identity, path)
  const content = type === 'file' ? contentDigest(join(root, path)) : undefined
  return [path, type, type === 'symlink' ? 0 : mode, target, device, content]
}

const buffer = Buffer.allocUnsafeSlow(CHUNK)

function contentDigest(path: string): string {
  const hash = createHash('sha256')
  const fd = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  try {
    if (!fstatSync(fd).isFile()) throw new Error(`reading ${path}: it changes while the build reads it`)
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) hash.update(buffer.subarray(0, length))
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}
