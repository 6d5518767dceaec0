import { createHash } from 'node:crypto'
import { lstatSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { getXattr, listXattrs } from '@gocker/kernel'

/** All that an archive can say of a file, as texts that assert can compare and show. */
export interface FileDescription {
  /** The kind and the permissions, octal. */
  readonly mode: string
  readonly owner: string
  readonly mtime: string
  readonly device?: string
  readonly link?: string
  readonly content?: string
  /** The first of the names that this file has. */
  readonly sameAs?: string
  readonly xattrs?: Record<string, string>
}

/** Describes a tree, its root included, by paths as byte texts (latin1). */
export function describeTree(root: string): Record<string, FileDescription> {
  const files: Record<string, FileDescription> = {}
  const linked = new Map<bigint, string>()
  visit('.')
  return files

  function visit(path: string): void {
    const place = Buffer.from(`${root}/${path}`, 'latin1')
    const stats = lstatSync(place, { bigint: true })
    const first = stats.isDirectory() || stats.nlink === 1n ? undefined : linked.get(stats.ino)
    if (first === undefined) linked.set(stats.ino, path)
    const names = listXattrs(place)
    files[path] = {
      mode: stats.mode.toString(8),
      owner: `${stats.uid}:${stats.gid}`,
      mtime: String(stats.mtimeNs),
      ...((stats.isCharacterDevice() || stats.isBlockDevice()) && { device: String(stats.rdev) }),
      ...(stats.isSymbolicLink() && { link: readlinkSync(place, 'latin1') }),
      ...(stats.isFile() && { content: createHash('sha256').update(readFileSync(place)).digest('hex') }),
      ...(first !== undefined && { sameAs: first }),
      ...(names.length > 0 && {
        xattrs: Object.fromEntries(names.sort().map((name) => [name, String(getXattr(place, name)?.toString('hex'))])),
      }),
    }
    if (stats.isDirectory()) for (const name of readdirSync(place, 'latin1').sort()) visit(`${path}/${name}`)
  }
}
