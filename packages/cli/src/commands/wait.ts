import { waitContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { forEachNamed } from '../for-each-named.ts'

export function define(command: Command): void {
  command
    .argument('<container...>', 'names or ids')
    .addHelpText('after', '\nPrints the exit code of each.\n\nExample:\n  gocker wait job')
    .action(waitFor)
}

async function waitFor(names: readonly string[]): Promise<void> {
  const store = await openStore()
  await forEachNamed(names, async (name) => console.log(await waitContainer(store, name)))
}
