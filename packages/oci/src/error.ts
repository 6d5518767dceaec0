export type OciErrorCode = 'INVALID_REFERENCE' | 'INVALID_DIGEST' | 'INVALID_PLATFORM' | 'INVALID_DOCUMENT' | 'NO_MATCHING_PLATFORM'

/** What the words of OCI say when a text or a document is not one of them. */
export class OciError extends Error {
  override readonly name = 'OciError'
  readonly code: OciErrorCode
  readonly hint: string | undefined

  constructor(code: OciErrorCode, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
  }
}
