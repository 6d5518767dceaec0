import { topContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { table } from '../terminal/table.ts'

export function define(command: Command): void {
  command
    .argument('<container>', 'name or id of a container that runs')
    .argument('[options...]', "of this machine's ps; its output has to say the PID")
    .passThroughOptions()
    .allowUnknownOption()
    .addHelpText('after', '\nExamples:\n  gocker top web\n  gocker top web -o pid,rss,args')
    .action(showProcesses)
}

async function showProcesses(name: string, options: readonly string[]): Promise<void> {
  const { titles, rows } = await topContainer(await openStore(), name, options)
  console.log(table(titles, rows))
}
