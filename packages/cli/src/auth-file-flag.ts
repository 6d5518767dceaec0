import { resolve } from 'node:path'
import type { Command } from 'commander'

export interface AuthFileFlag {
  readonly authfile?: string
}

export function addAuthFileFlag(command: Command): Command {
  return command.option(
    '--authfile <file>',
    "credentials file (default: $REGISTRY_AUTH_FILE, $DOCKER_CONFIG/config.json, docker's, podman's)",
  )
}

/** The environment in which the file that was given goes before all others. */
export function authEnvironment({ authfile }: AuthFileFlag): NodeJS.ProcessEnv {
  return authfile === undefined ? process.env : { ...process.env, REGISTRY_AUTH_FILE: resolve(authfile) }
}
