export type StoreErrorCode =
  | 'NOT_FOUND'
  | 'NAME_TAKEN'
  | 'INVALID_NAME'
  | 'INVALID_OPTION'
  | 'AMBIGUOUS_ID'
  | 'IN_USE'
  | 'DIGEST_MISMATCH'
  | 'SIZE_MISMATCH'
  | 'CORRUPT'
  | 'PERMISSION'
  | 'NO_SPACE'
  | 'READ_ONLY'
  | 'IO'

/** What the store refused, or what the disk under it did. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly code: StoreErrorCode
  readonly hint: string | undefined

  constructor(code: StoreErrorCode, message: string, options: { cause?: unknown; hint?: string | undefined } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }
}

/**
 * Runs `work`, and gives what the file system refuses a code, a hint and the words of what was being done.
 * Errors that are not the file system's pass as they are.
 * @throws {StoreError}
 */
export async function doing<T>(what: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    throw diskFailure(what, cause)
  }
}

/** The StoreError for an errno exception of node:fs; anything else is given back as it is. */
export function diskFailure(what: string, cause: unknown): unknown {
  if (!isErrno(cause) || cause.syscall === undefined) return cause
  const { code, hint } = MEANINGS[cause.code] ?? { code: 'IO' as const, hint: undefined }
  return new StoreError(code, `${what}: ${cause.message}`, { cause, hint })
}

/** Whether `error` carries one of these errno names. */
export function hasErrno(error: unknown, ...names: string[]): boolean {
  return isErrno(error) && names.includes(error.code)
}

/** For `catch`: passes over the errors with these errno names, giving `undefined`, and throws any other again. */
export function unless(...names: string[]): (error: unknown) => undefined {
  return (error) => {
    if (!hasErrno(error, ...names)) throw error
    return undefined
  }
}

const FULL = { code: 'NO_SPACE', hint: 'free some space: gocker system prune removes what nothing uses' } as const
const DENIED = { code: 'PERMISSION', hint: 'run as the owner of the store, or choose another with GOCKER_ROOT and GOCKER_RUN' } as const
const MEANINGS: Record<string, { code: StoreErrorCode; hint: string | undefined }> = {
  ENOSPC: FULL,
  EDQUOT: FULL,
  EACCES: DENIED,
  EPERM: DENIED,
  EROFS: { code: 'READ_ONLY', hint: 'the store is on a read-only file system: choose another with GOCKER_ROOT' },
  ENOENT: { code: 'NOT_FOUND', hint: undefined },
}

function isErrno(error: unknown): error is NodeJS.ErrnoException & { code: string } {
  return error instanceof Error && typeof (error as NodeJS.ErrnoException).code === 'string'
}
