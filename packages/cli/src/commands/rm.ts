import { removeContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { forEachAtOnce } from '../for-each-named.ts'

export function define(command: Command): void {
  command
    .argument('<container...>', 'names or ids')
    .option('-f, --force', 'kill it first where it runs')
    .option('-v, --volumes', 'with its anonymous volumes: they always go with it')
    .addHelpText('after', '\nExample:\n  gocker rm my-container')
    .action(removeContainers)
}

async function removeContainers(names: readonly string[], { force = false }: { force?: boolean }): Promise<void> {
  const store = await openStore()
  await forEachAtOnce(names, (name) => removeContainer(store, name, { force }))
}
