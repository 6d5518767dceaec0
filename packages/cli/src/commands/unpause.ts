import { unpauseContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { forEachAtOnce } from '../for-each-named.ts'

export function define(command: Command): void {
  command.argument('<container...>', 'names or ids').addHelpText('after', '\nExample:\n  gocker unpause web').action(unpause)
}

async function unpause(names: readonly string[]): Promise<void> {
  const store = await openStore()
  await forEachAtOnce(names, (name) => unpauseContainer(store, name))
}
