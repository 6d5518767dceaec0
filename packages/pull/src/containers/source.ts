import { PullError } from '../error.ts'
import { lastName, parentPath } from '../layers/entry-path.ts'
import type { ByteText } from '../tar-reader/tar-entry.ts'
import { lstatNamed, namedPath, realPath, statNamed } from './named-path.ts'

/** What is copied. */
export interface Source {
  /** Without a symlink on the way; the last name may be one. The empty text for the root. */
  readonly path: ByteText
  /** What the archive calls it; `.` where only the content of a directory is meant. */
  readonly name: ByteText
}

/**
 * Finds a source by docker's rules: a symlink is copied as one, unless `follow` or a slash at its end says otherwise.
 * @throws {PullError} `NO_SUCH_FILE`, `NOT_A_DIRECTORY`
 * @see https://docs.docker.com/reference/cli/docker/container/cp/
 */
export function findSource(written: ByteText, follow: boolean): Source {
  const named = namedPath(written)
  const { path, meansContent, meansDirectory } = named
  if (lstatNamed(named) === undefined) throw new PullError('NO_SUCH_FILE', `${named.written}: no such file or directory`)
  if (meansDirectory && statNamed(named)?.isDirectory() !== true)
    throw new PullError('NOT_A_DIRECTORY', `${named.written}: it is no directory`)
  const last = lastName(path)
  const isPlain = last !== '..' && last !== '.'
  const real = follow || meansDirectory || !isPlain ? realPath(path, named.written) : `${realPath(parentPath(path), named.written)}/${last}`
  return { path: real, name: meansContent || real === '' ? '.' : isPlain ? last : lastName(real) }
}
