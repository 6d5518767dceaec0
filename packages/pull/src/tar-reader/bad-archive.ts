import { PullError } from '../error.ts'

export function badArchive(what: string, why: string, cause?: unknown): PullError {
  return new PullError('BAD_ARCHIVE', `reading ${what}: ${why}`, { cause })
}
