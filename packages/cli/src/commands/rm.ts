import { removeContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { forEachNamed } from '../for-each-named.ts'

export function define(command: Command): void {
  command
    .argument('<container...>', 'names or ids')
    .option('-f, --force', 'kill it first where it runs')
    .addHelpText('after', '\nExample:\n  gocker rm my-container')
    .action(removeContainers)
}

async function removeContainers(names: readonly string[], { force = false }: { force?: boolean }): Promise<void> {
  const store = await openStore()
  await forEachNamed(names, async (name) => {
    await removeContainer(store, name, { force })
    console.log(name)
  })
}
