import { renameContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'

export function define(command: Command): void {
  command
    .argument('<container>', 'name or id')
    .argument('<name>', 'the new name')
    .addHelpText('after', '\nExample:\n  gocker rename web old-web')
    .action(rename)
}

async function rename(container: string, name: string): Promise<void> {
  await renameContainer(await openStore(), container, name)
}
