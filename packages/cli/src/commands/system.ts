import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { size } from '../terminal/amounts.ts'

interface PruneFlags {
  readonly all?: true
  readonly buildCache?: true
}

export function define(command: Command): void {
  command
    .command('prune')
    .summary('Remove what nothing uses')
    .description('Remove stopped containers, images without a name, and what a gocker that was killed has left')
    .option('-a, --all', 'also images with a name that no container uses, and what builds keep to be quick')
    .addHelpText('after', '\nExample:\n  gocker system prune')
    .action(prune)
}

async function prune({ all = false as never }: PruneFlags): Promise<void> {
  const store = await openStore()
  const everything = { unusedImages: all === true, buildCache: all === true }
  const { removed, freed, busy } = await interruptible((signal) =>
    store.prune({ stoppedContainers: true, danglingImages: true, ...everything, signal }),
  )
  for (const { kind, name } of removed) console.log(`${kind} ${name}`)
  if (busy) process.stderr.write('A pull or a build is at work: blobs and layers were left alone.\n')
  process.stderr.write(`freed ${size(freed)}\n`)
}
