export type PullErrorCode =
  | 'UNAUTHORIZED'
  | 'DENIED'
  | 'NOT_FOUND'
  | 'RATE_LIMITED'
  | 'UNREACHABLE'
  | 'BAD_RESPONSE'
  | 'BAD_CREDENTIALS'
  | 'INVALID_OPTION'
  | 'DIGEST_MISMATCH'
  | 'SIZE_MISMATCH'
  | 'DIFF_ID_MISMATCH'
  | 'BAD_ARCHIVE'
  | 'UNSUPPORTED_MEDIA_TYPE'
  | 'NO_SPACE'

/** Why an image did not arrive, or did not leave. Its text never carries a credential. */
export class PullError extends Error {
  override readonly name = 'PullError'
  readonly code: PullErrorCode
  readonly hint: string | undefined

  constructor(code: PullErrorCode, message: string, options: { cause?: unknown; hint?: string | undefined } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }
}
