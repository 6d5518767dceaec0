import { cleanUpContainer, comeBack } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { caller } from '../caller.ts'
import { addMembers, calledMember } from '../command-group.ts'

/** What each is called among all commands. */
const MEMBERS = {
  ...{ ls: 'ps', run: 'run', create: 'create', start: 'start', stop: 'stop', restart: 'restart', kill: 'kill', rm: 'rm', wait: 'wait' },
  ...{ pause: 'pause', unpause: 'unpause', rename: 'rename', update: 'update', exec: 'exec', attach: 'attach', logs: 'logs', top: 'top' },
  ...{ stats: 'stats', port: 'port', cp: 'cp', diff: 'diff', commit: 'commit', export: 'export' },
}

export async function define(command: Command, words: readonly string[]): Promise<void> {
  command.command('cleanup <id>', { hidden: true }).description('Called when a detached container has ended').action(cleanUp)
  command.command('restart-after <id>', { hidden: true }).description('Called when a container is to be started again').action(restart)
  // Called when containers end, many of them at once: they need no more.
  const called = calledMember(words)
  if (called === 'cleanup' || called === 'restart-after') return
  command.addHelpText('after', '\nExample:\n  gocker container ls --all')
  const { defineInspect } = await import('./inspect.ts')
  const { defineContainerPrune } = await import('./container-prune.ts')
  await addMembers(command, MEMBERS, words)
  defineInspect(command.command('inspect').summary('Show all that is known of containers, as JSON'), 'container')
  defineContainerPrune(command)
}

async function cleanUp(id: string): Promise<void> {
  const store = await openStore()
  await cleanUpContainer(store, id, { caller: caller(store) })
}

async function restart(id: string): Promise<void> {
  const store = await openStore()
  await comeBack(store, id, { caller: caller(store) })
}
