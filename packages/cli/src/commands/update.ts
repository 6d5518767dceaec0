import { RunError, updateContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { addUpdateFlags } from '../container-flags.ts'
import { type ContainerFlags, containerOptions } from '../container-options.ts'
import { forEachAtOnce } from '../for-each-named.ts'

export function define(command: Command): void {
  command.argument('<container...>', 'names or ids')
  addUpdateFlags(command)
  command.addHelpText('after', '\nExample:\n  gocker update --memory 512m --restart on-failure:5 web').action(update)
}

async function update(names: readonly string[], flags: ContainerFlags): Promise<void> {
  const options = containerOptions(flags)
  if (Object.keys(options).length === 0)
    throw new RunError('INVALID_OPTION', 'updating containers: nothing is said to be changed', { hint: 'gocker update --help' })
  const store = await openStore()
  await forEachAtOnce(names, (name) => updateContainer(store, name, options))
}
