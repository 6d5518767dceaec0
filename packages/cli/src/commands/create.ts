import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { containerOptions } from '../container-options.ts'
import { addCreateFlags, type CreateFlags, createNamed, refuseWhatCannotBe } from '../create-flags.ts'

export function define(command: Command, words: readonly string[]): void {
  addCreateFlags(command, words)
  command.addHelpText('after', '\nExample:\n  gocker create --name job debian ls /\n  gocker start -a job').action(create)
}

async function create(name: string, words: readonly string[], flags: CreateFlags): Promise<void> {
  refuseWhatCannotBe(flags, { lendsTerminal: false })
  const requested = containerOptions(flags)
  const container = await createNamed({ store: await openStore(), name, words, flags, requested })
  console.log(container.id)
}
