import { PullError } from '../error.ts'

/**
 * Does what reads `what`, and says so when it fails.
 * @throws {PullError}
 */
export function reading<Result>(what: string, read: () => Result): Result {
  try {
    return read()
  } catch (error) {
    throw error instanceof PullError ? error : readFailure(what, error as Error)
  }
}

function readFailure(what: string, cause: Error): PullError {
  const { code = '' } = cause as { code?: string }
  const ours = ['EPERM', 'EACCES'].includes(code) ? 'NOT_PERMITTED' : 'READ_FAILED'
  return new PullError(ours, `reading ${what}: ${cause.message}`, { cause })
}
