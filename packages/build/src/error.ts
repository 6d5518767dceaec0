import type { Location } from './language/location.ts'

export type BuildErrorCode =
  /** The Gockerfile says something that the language does not have, or has otherwise. */
  | 'SYNTAX'
  /** The language has it and gocker cannot do it. */
  | 'UNSUPPORTED'
  | 'NO_GOCKERFILE'
  | 'NO_CONTEXT'
  /** A source of COPY or ADD is not in the context, or leads out of it. */
  | 'NO_SOURCE'
  | 'UNKNOWN_STAGE'
  /** A secret or an agent that a RUN mounts is not given, or cannot be read. */
  | 'NO_SECRET'
  /** A RUN ended with another code than 0. */
  | 'RUN_FAILED'
  | 'STEP_FAILED'
  | 'INVALID_OPTION'
  /** The Gockerfile has warnings, and says that they are errors: `# check=error=true`. */
  | 'CHECK_FAILED'
  /** The image is there, and the results of its steps could not be kept elsewhere. */
  | 'CACHE_NOT_WRITTEN'

interface BuildErrorOptions {
  readonly cause?: unknown
  readonly hint?: string | undefined
  /** Where in the Gockerfile. */
  readonly at?: Location
}

/** Why an image could not be built; the message begins with `file:line:column` where it is about a place in the Gockerfile. */
export class BuildError extends Error {
  override readonly name = 'BuildError'
  readonly code: BuildErrorCode
  readonly hint: string | undefined
  readonly at: Location | undefined

  constructor(code: BuildErrorCode, message: string, { cause, hint, at }: BuildErrorOptions = {}) {
    super(at === undefined ? message : `${at.file}:${at.line}:${at.column}: ${message}`, { cause })
    this.code = code
    this.hint = hint
    this.at = at
  }
}
