import { createHash } from 'node:crypto'
import { closeSync, openSync, readSync } from 'node:fs'
import { join } from 'node:path'
import type { Digest } from '@gocker/oci'
import { type SourceTree, type TreeEntry, walk } from './tree.ts'

const CHUNK = 1 << 20

/**
 * What COPY would bring of these paths, as one digest: names, types, modes and contents.
 * Not owners, which COPY sets, and not times, which change with every checkout.
 */
export function fingerprint(root: string, tree: SourceTree, paths: readonly string[]): Digest {
  const hash = createHash('sha256')
  for (const path of paths) for (const entry of walk(tree, path)) hash.update(`${JSON.stringify(factsOf(root, entry))}\n`)
  return `sha256:${hash.digest('hex')}`
}

function factsOf(root: string, entry: TreeEntry): unknown[] {
  const { path, type, mode, target, device } = entry
  const content = type === 'file' ? contentDigest(join(root, path)) : undefined
  return [path, type, type === 'symlink' ? 0 : mode, target, device, content]
}

const buffer = Buffer.allocUnsafeSlow(CHUNK)

function contentDigest(path: string): string {
  const hash = createHash('sha256')
  const fd = openSync(path, 'r')
  try {
    for (let length = readSync(fd, buffer); length > 0; length = readSync(fd, buffer)) hash.update(buffer.subarray(0, length))
  } finally {
    closeSync(fd)
  }
  return hash.digest('hex')
}
