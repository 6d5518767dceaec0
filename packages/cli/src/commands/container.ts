import { cleanUpContainer, comeBack } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { caller } from '../caller.ts'

export function define(command: Command): void {
  command.command('cleanup <id>', { hidden: true }).description('Called when a detached container has ended').action(cleanUp)
  command.command('restart-after <id>', { hidden: true }).description('Called when a container is to be started again').action(restart)
}

async function cleanUp(id: string): Promise<void> {
  const store = await openStore()
  await cleanUpContainer(store, id, { caller: caller(store) })
}

async function restart(id: string): Promise<void> {
  const store = await openStore()
  await comeBack(store, id, { caller: caller(store) })
}
