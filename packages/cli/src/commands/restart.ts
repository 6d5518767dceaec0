import { restartContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { caller } from '../caller.ts'
import { forEachAtOnce } from '../for-each-named.ts'
import { addStopFlags, type StopFlags, stopOptions } from '../stop-flags.ts'

export function define(command: Command): void {
  command.argument('<container...>', 'names or ids')
  addStopFlags(command)
  command.addHelpText('after', '\nExample:\n  gocker restart web').action(restart)
}

async function restart(names: readonly string[], flags: StopFlags): Promise<void> {
  const options = stopOptions(flags)
  const store = await openStore()
  await forEachAtOnce(names, (name) => restartContainer(store, name, { ...options, caller: caller(store) }))
}
