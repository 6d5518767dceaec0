import { stopContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { forEachAtOnce } from '../for-each-named.ts'
import { addStopFlags, type StopFlags, stopOptions } from '../stop-flags.ts'

export function define(command: Command): void {
  command.argument('<container...>', 'names or ids')
  addStopFlags(command)
  command.addHelpText('after', '\nExample:\n  gocker stop --timeout 30 database').action(stop)
}

async function stop(names: readonly string[], flags: StopFlags): Promise<void> {
  const options = stopOptions(flags)
  const store = await openStore()
  await forEachAtOnce(names, (name) => stopContainer(store, name, options))
}
