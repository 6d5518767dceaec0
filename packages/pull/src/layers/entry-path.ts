import { badArchive } from '../tar-reader/bad-archive.ts'
import { type ByteText, readable } from '../tar-reader/tar-entry.ts'

// With the NUL that ends it. @see include/uapi/linux/limits.h
const PATH_MAX = 4096

/**
 * A name of the archive as a path within the layer: `/usr/bin`, and the empty text for the layer's own root. Absolute names land inside.
 * @throws {PullError} `BAD_ARCHIVE` for a name with `..`, and for one that no path can hold
 */
export function entryPath(name: ByteText): ByteText {
  const plain = name.startsWith('./') ? name.slice(2) : name
  if (isPlain(plain)) return plain.endsWith('/') ? `/${plain.slice(0, -1)}` : `/${plain}`
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  const path = parts.map((part) => `/${part}`).join('')
  if (parts.includes('..'))
    throw badArchive(`tar entry ${JSON.stringify(readable(name))}`, 'its name has a ".." and could lead out of the layer')
  if (path.length < PATH_MAX) return path
  throw badArchive(`tar entry ${JSON.stringify(readable(name.slice(0, 60)))}...`, `its name is longer than ${PATH_MAX - 1} bytes`)
}

/** Nothing in it has to be left out or refused, as in nearly all names: to take them apart is a fiftieth of a layer's time. */
function isPlain(name: ByteText): boolean {
  const isRelative = name !== '' && !name.startsWith('/') && !name.startsWith('.')
  return isRelative && !name.includes('//') && !name.includes('/.') && name.length < PATH_MAX - 1
}

/** The path of the directory that holds `path`: the empty text for the root's entries, and for the root itself. */
export function parentPath(path: ByteText): ByteText {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')))
}

export function lastName(path: ByteText): ByteText {
  return path.slice(path.lastIndexOf('/') + 1)
}
