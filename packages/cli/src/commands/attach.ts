import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { attachRunning } from '../attach-running.ts'
import { parseDetachKeys } from '../terminal/detach-keys.ts'

interface AttachFlags {
  readonly detachKeys: string
  readonly stdin: boolean
  readonly sigProxy: string | boolean
}

export function define(command: Command): void {
  command
    .argument('<container>', 'name or id of a container that runs in the background')
    .option('--detach-keys <keys>', 'keys that leave it alone again, where it has a terminal', 'ctrl-p,ctrl-q')
    .option('--no-stdin', 'show what it says, and type nothing')
    .option('--sig-proxy [yes]', 'hand signals on to it, where it has no terminal; --sig-proxy=false lets them end gocker instead', true)
    .addHelpText(
      'after',
      '\nWhat it has said before is shown by gocker logs.\n\nExample:\n  gocker run -dit --name sh debian bash\n  gocker attach sh',
    )
    .action(attach)
}

async function attach(name: string, { detachKeys, stdin, sigProxy }: AttachFlags): Promise<void> {
  const options = { detachKeys: parseDetachKeys(detachKeys), input: stdin, proxiesSignals: `${sigProxy}` !== 'false' }
  process.exitCode = await attachRunning(await openStore(), name, options)
}
