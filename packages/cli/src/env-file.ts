import { readFileSync } from 'node:fs'
import { parseEnvFile, RunError } from '@gocker/run'

/**
 * The variables of a file that `--env-file` names.
 * @throws {RunError} `INVALID_OPTION`
 */
export function readEnvFile(file: string): string[] {
  return parseEnvFile(readText(file), file)
}

function readText(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    throw new RunError('INVALID_OPTION', `reading --env-file ${file}: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}
