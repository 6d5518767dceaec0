import { KernelError, signalNumber } from '@gocker/kernel'
import { invalidOption } from '../error.ts'

/**
 * Checks that a text names a signal: `SIGTERM`, `term`, `15`.
 * @param name of the option, for errors
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseSignal(text: string, name = 'signal'): string {
  try {
    signalNumber(text)
    return text
  } catch (error) {
    if (error instanceof KernelError) throw invalidOption(name, text, 'no such signal')
    throw error
  }
}
