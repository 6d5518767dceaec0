import { cleanUpContainer } from '@gocker/run'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { caller } from '../caller.ts'

export function define(command: Command): void {
  command.command('cleanup <id>', { hidden: true }).description('Called when a detached container has ended').action(cleanUp)
}

async function cleanUp(id: string): Promise<void> {
  const store = await openStore()
  await cleanUpContainer(store, id, { caller: caller(store) })
}
