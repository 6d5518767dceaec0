/** Why a template or a filter cannot be used. */
export class FormatError extends Error {
  override readonly name = 'FormatError'
  readonly code = 'INVALID_FORMAT'
  readonly hint: string | undefined

  constructor(message: string, { hint, cause }: { hint?: string | undefined; cause?: unknown } = {}) {
    super(message, { cause })
    this.hint = hint
  }
}
