import { RunError, startStopped } from '@gocker/run'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { attachRunning } from '../attach-running.ts'
import { caller } from '../caller.ts'
import { forEachNamed } from '../for-each-named.ts'
import { parseDetachKeys } from '../terminal/detach-keys.ts'

interface StartFlags {
  readonly attach?: true
  readonly interactive?: true
  readonly detachKeys: string
}

export function define(command: Command): void {
  command
    .argument('<container...>', 'names or ids')
    .option('-a, --attach', 'show what it says, hand signals on to it, and end as it does')
    .option('-i, --interactive', 'and let it read what is typed')
    .option('--detach-keys <keys>', 'keys that leave it alone again, where it has a terminal', 'ctrl-p,ctrl-q')
    .addHelpText('after', '\nExamples:\n  gocker start web\n  gocker start -ai shell')
    .action(start)
}

async function start(names: readonly string[], flags: StartFlags): Promise<void> {
  const store = await openStore()
  if (flags.attach === true || flags.interactive === true) {
    await startAttached(store, names, flags)
    return
  }
  await forEachNamed(names, async (name) => {
    await startStopped(store, name, { caller: caller(store) })
    console.log(name)
  })
}

async function startAttached(store: Store, [name = '', ...others]: readonly string[], flags: StartFlags): Promise<void> {
  if (others.length > 0)
    throw new RunError('INVALID_OPTION', 'starting and attaching to containers: only one at a time can have this terminal')
  const detachKeys = parseDetachKeys(flags.detachKeys)
  const since = BigInt(Date.now()) * 1_000_000n
  await startStopped(store, name, { caller: caller(store) })
  process.exitCode = await attachRunning(store, name, { since, input: flags.interactive === true, detachKeys, proxiesSignals: true })
}
