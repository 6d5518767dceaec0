import { killContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { forEachAtOnce } from '../for-each-named.ts'

export function define(command: Command): void {
  command
    .argument('<container...>', 'names or ids')
    .option('-s, --signal <signal>', 'a name or a number', 'KILL')
    .addHelpText('after', '\nExample:\n  gocker kill --signal HUP web')
    .action(kill)
}

async function kill(names: readonly string[], { signal }: { signal: string }): Promise<void> {
  const store = await openStore()
  await forEachAtOnce(names, (name) => killContainer(store, name, { signal }))
}
