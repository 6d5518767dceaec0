import { OWN_FAILURE } from './own-failure.ts'

/** What gocker's own errors have in common. */
interface ExplainedError extends Error {
  readonly code?: string
  readonly hint?: string | undefined
  /** Where the failure has an exit code of its own: 126 cannot be invoked, 127 not found. */
  readonly exitCode?: number
}

/**
 * Prints one line, and the hint where there is one; the stack and its causes with `debug`.
 * @returns the exit code
 */
export function reportError(thrown: unknown, { debug }: { debug: boolean }): number {
  const error: ExplainedError = thrown instanceof Error ? thrown : new Error(String(thrown))
  if (error.name === 'AbortError') return interrupted()
  process.stderr.write(`gocker: ${error.message}\n`)
  if (error.hint !== undefined) process.stderr.write(`  hint: ${error.hint}\n`)
  if (debug) process.stderr.write(`${stackOf(error)}\n`)
  return error.exitCode ?? OWN_FAILURE
}

function interrupted(): number {
  process.stderr.write('gocker: interrupted\n')
  return 130
}

function stackOf(error: Error): string {
  const cause = error.cause instanceof Error ? `\ncaused by ${stackOf(error.cause)}` : ''
  return `${error.stack ?? error.message}${cause}`
}
