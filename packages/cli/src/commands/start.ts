import { startStopped } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { caller } from '../caller.ts'
import { forEachNamed } from '../for-each-named.ts'

export function define(command: Command): void {
  command.argument('<container...>', 'names or ids').addHelpText('after', '\nExample:\n  gocker start web').action(start)
}

async function start(names: readonly string[]): Promise<void> {
  const store = await openStore()
  await forEachNamed(names, async (name) => {
    await startStopped(store, name, { caller: caller(store) })
    console.log(name)
  })
}
