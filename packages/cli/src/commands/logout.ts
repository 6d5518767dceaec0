import { logout } from '@gocker/pull'
import type { Command } from 'commander'
import { type AuthFileFlag, addAuthFileFlag, authEnvironment } from '../auth-file-flag.ts'

export function define(command: Command): void {
  command.argument('[registry]', 'host, with a port or without; Docker Hub unless given')
  addAuthFileFlag(command).addHelpText('after', '\nExample:\n  gocker logout ghcr.io').action(logOut)
}

async function logOut(name: string | undefined, flags: AuthFileFlag): Promise<void> {
  const { registry, wasKept } = await logout({ registry: name, environment: authEnvironment(flags) })
  console.log(wasKept ? `Removed the login for ${registry}` : `Not logged in to ${registry}`)
}
