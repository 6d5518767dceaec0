import { PullError, type PullErrorCode } from '../error.ts'
import { type ByteText, readable } from '../tar-reader/tar-entry.ts'

const CODES: Readonly<Record<string, readonly [code: PullErrorCode, hint?: string]>> = {
  ENOSPC: ['NO_SPACE', 'make room with gocker system prune, or set GOCKER_ROOT to a larger disk'],
  EDQUOT: ['NO_SPACE', 'the quota of this user is used up'],
  EROFS: ['NOT_PERMITTED', 'set GOCKER_ROOT to a directory that can be written'],
  EPERM: ['NOT_PERMITTED'],
  EACCES: ['NOT_PERMITTED'],
  ENOTSUP: ['WRITE_FAILED', 'set GOCKER_ROOT to a file system that has extended attributes, such as ext4, xfs or btrfs'],
  // What a name or a link of the archive led to.
  ENAMETOOLONG: ['BAD_ARCHIVE'],
  ELOOP: ['BAD_ARCHIVE'],
  ENOENT: ['BAD_ARCHIVE'],
  ENOTDIR: ['BAD_ARCHIVE'],
  EFBIG: ['BAD_ARCHIVE'],
}

/**
 * Does what writes an entry, and says which one it was when that fails.
 * @throws {PullError}
 */
export function writingEntry<T>(name: ByteText, write: () => T): T {
  try {
    return write()
  } catch (error) {
    throw error instanceof PullError ? error : writeFailure(name, error as Error)
  }
}

function writeFailure(name: ByteText, cause: Error): PullError {
  const { code = '', hint: known } = cause as { code?: string; hint?: string }
  const [ours, hint = known] = CODES[code] ?? ['WRITE_FAILED']
  return new PullError(ours, `writing entry ${JSON.stringify(readable(name))}: ${cause.message}`, { cause, hint })
}
