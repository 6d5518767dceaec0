import { homedir } from 'node:os'
import { join } from 'node:path'

/** A file below the user's own directory of settings. */
export function userConfig(environment: NodeJS.ProcessEnv, ...parts: readonly string[]): string {
  const { XDG_CONFIG_HOME, HOME } = environment
  return join(XDG_CONFIG_HOME || join(HOME || homedir(), '.config'), ...parts)
}
