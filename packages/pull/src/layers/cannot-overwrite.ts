import { PullError } from '../error.ts'
import { type ByteText, readable } from '../tar-reader/tar-entry.ts'

/** What the writer says where files are not to take the place of directories, nor directories that of files. */
export function cannotOverwrite(path: ByteText, what: 'a file with a directory' | 'a directory with a file'): PullError {
  return new PullError('CANNOT_OVERWRITE', `writing ${JSON.stringify(readable(path))}: cannot overwrite ${what}`)
}
