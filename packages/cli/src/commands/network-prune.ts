import { pruneNetworks } from '@gocker/run'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { agedBy, type Filters, fitsLabels, readFilters } from '../format/filters.ts'
import { collect } from '../option-values.ts'

export function defineNetworkPrune(command: Command): void {
  command
    .command('prune')
    .summary('Remove networks that no container uses')
    .description('Remove networks that no container uses, and what a gocker that was killed has left of others')
    .option('--filter <name=value>', 'only some: label=, label!=, until=24h', collect, [])
    .option('-f, --force', 'for those who are used to it: nothing is asked')
    .addHelpText('after', '\nExample:\n  gocker network prune')
    .action(prune)
}

async function prune({ filter }: { readonly filter: readonly string[] }): Promise<void> {
  const removed = await pruneUnusedNetworks(await openStore(), readFilters(filter, ['until', 'label', 'label!']))
  for (const name of removed) console.log(name)
}

/** @returns the names of those that are gone */
export async function pruneUnusedNetworks(store: Store, filters: Filters): Promise<string[]> {
  const isOld = agedBy(filters)
  return await pruneNetworks(store, {
    which: ({ created, labels }) => isOld(created) && fitsLabels(labels, filters),
  })
}
