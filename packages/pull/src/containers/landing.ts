import { PullError } from '../error.ts'
import { lastName, parentPath } from '../layers/entry-path.ts'
import type { ByteText } from '../tar-reader/tar-entry.ts'
import { followed, type NamedPath, namedPath, realPath, statNamed } from './named-path.ts'

/** Where files land. */
export interface Landing {
  /** There already, without a symlink in it; the empty text for the root. */
  readonly directory: ByteText
  /** What the source becomes in it; without one the source's content, or an archive's, goes into the directory as it is. */
  readonly name?: ByteText
}

/** What comes: a whole archive of somebody's, one file, one directory, or what is in a directory. */
export type Arriving =
  | { readonly kind: 'archive' | 'content' }
  | { readonly kind: 'file' | 'directory' /** What it is called where it comes from. */; readonly name: ByteText }

/**
 * Decides by docker's rules where something lands.
 * @throws {PullError} `NO_SUCH_FILE`, `NOT_A_DIRECTORY`, `CANNOT_OVERWRITE`
 * @see https://docs.docker.com/reference/cli/docker/container/cp/
 */
export function findLanding(written: ByteText, arriving: Arriving): Landing {
  const named = namedPath(written)
  const stats = statNamed(named)
  if (stats?.isDirectory()) {
    const directory = realPath(named.path, named.written)
    return 'name' in arriving ? { directory, name: arriving.name } : { directory }
  }
  if (arriving.kind === 'archive')
    throw stats === undefined
      ? missing(named, 'no such directory')
      : new PullError('NOT_A_DIRECTORY', `${named.written}: it is no directory`)
  return stats === undefined ? landingOfNew(named, arriving.kind) : landingOnFile(named, arriving.kind, stats.isFile())
}

function landingOfNew(named: NamedPath, kind: Arriving['kind']): Landing {
  if (kind === 'file' && named.meansDirectory) throw missing(named, 'no such directory')
  return split(followed(named))
}

function landingOnFile(named: NamedPath, kind: Arriving['kind'], isFile: boolean): Landing {
  if (kind !== 'file') throw cannotOverwrite(named, 'a directory cannot be copied to a file')
  if (named.meansDirectory) throw new PullError('NOT_A_DIRECTORY', `${named.written}: it is no directory`)
  // A device's node would be replaced by a file.
  if (!isFile) throw cannotOverwrite(named, 'it is neither a file nor a directory')
  return split(realPath(named.path, named.written))
}

function split(path: ByteText): Landing {
  return { directory: parentPath(path), name: lastName(path) }
}

function missing({ written }: NamedPath, why: string): PullError {
  return new PullError('NO_SUCH_FILE', `${written}: ${why}`)
}

function cannotOverwrite({ written }: NamedPath, why: string): PullError {
  return new PullError('CANNOT_OVERWRITE', `${written}: ${why}`)
}
