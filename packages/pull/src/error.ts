export type PullErrorCode =
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'NOT_FOUND'
  | 'RATE_LIMITED'
  | 'UNREACHABLE'
  | 'BAD_RESPONSE'
  | 'BAD_CREDENTIALS'
  | 'INVALID_OPTION'
  | 'UNVERIFIED'
  | 'DIGEST_MISMATCH'
  | 'SIZE_MISMATCH'
  | 'DIFF_ID_MISMATCH'
  | 'BAD_ARCHIVE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'NO_SPACE'
  | 'NOT_PERMITTED'
  | 'WRITE_FAILED'
  | 'READ_FAILED'
  | 'FILE_CHANGED'
  | 'NO_SUCH_FILE'
  | 'NOT_A_DIRECTORY'
  | 'CANNOT_OVERWRITE'

export interface PullErrorOptions {
  readonly cause?: unknown
  readonly hint?: string | undefined
  readonly transient?: boolean
  /** Milliseconds. */
  readonly retryAfter?: number | undefined
}

/** Why an image did not arrive, or did not leave. Its text never carries a credential. */
export class PullError extends Error {
  override readonly name = 'PullError'
  readonly code: PullErrorCode
  readonly hint: string | undefined
  /** Whether the same request may succeed a little later. */
  readonly transient: boolean
  /** Milliseconds that the server asked to wait before another try. */
  readonly retryAfter: number | undefined

  constructor(code: PullErrorCode, message: string, options: PullErrorOptions = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.transient = options.transient ?? false
    this.retryAfter = options.retryAfter
  }
}
