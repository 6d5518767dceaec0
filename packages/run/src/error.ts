export type RunErrorCode =
  | 'NOT_FOUND_IN_CONTAINER'
  | 'CANNOT_INVOKE'
  | 'LAUNCH_FAILED'
  | 'NO_COMMAND'
  | 'NO_SUCH_USER'
  | 'NO_SUCH_SOURCE'
  | 'INVALID_OPTION'
  | 'UNSUPPORTED'
  | 'NEEDS_ROOT'
  | 'NO_USER_NAMESPACE'
  | 'ALREADY_STARTED'
  | 'RUNNING'
  | 'NOT_RUNNING'
  | 'PAUSED'
  | 'NOT_PAUSED'
  | 'ABORTED'
  | 'NETWORK_FAILED'
  | 'NO_SUCH_NETWORK'
  | 'NETWORK_IN_USE'
  | 'ADDRESS_TAKEN'
  | 'PORT_TAKEN'
  | 'NO_LOG'
  | 'CANNOT_ATTACH'
  | 'INVALID_SPEC'
  | 'NO_SUCH_CONTAINER'
  | 'CONTAINER_EXISTS'
  | 'WRONG_STATUS'
  | 'HOOK_FAILED'

/** The codes whose exit status is not 125, gocker's own failure. */
const EXIT_CODES: Partial<Record<RunErrorCode, number>> = { NOT_FOUND_IN_CONTAINER: 127, CANNOT_INVOKE: 126 }

/** Why an image did not become a container. */
export class RunError extends Error {
  override readonly name = 'RunError'
  readonly code: RunErrorCode
  readonly hint: string | undefined
  /** What a command line exits with, as docker does: 127 not found, 126 cannot be invoked, 125 anything else. */
  readonly exitCode: number

  constructor(code: RunErrorCode, message: string, options: { cause?: unknown; hint?: string } = {}) {
    super(message, { cause: options.cause })
    this.code = code
    this.hint = options.hint
    this.exitCode = EXIT_CODES[code] ?? 125
  }
}

/** What an option's text gets that cannot be read. */
export function invalidOption(what: string, text: string, why: string, hint?: string): RunError {
  return new RunError('INVALID_OPTION', `reading ${what} ${JSON.stringify(text)}: ${why}`, hint === undefined ? {} : { hint })
}
