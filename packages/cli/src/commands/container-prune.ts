import { pruneNetworks } from '@gocker/run'
import { type ContainerRecord, openStore } from '@gocker/store'
import type { Command } from 'commander'
import { agedBy, type Filters, fitsLabels, readFilters } from '../format/filters.ts'
import { collect } from '../option-values.ts'
import { reclaimed } from '../terminal/amounts.ts'
import { confirmed } from '../terminal/confirm.ts'

interface PruneFlags {
  readonly filter: readonly string[]
  readonly force?: true
}

export function defineContainerPrune(group: Command): void {
  group
    .command('prune')
    .summary('Remove containers that do not run')
    .option('--filter <key=value>', 'only some: until=24h, label=, label!=', collect, [])
    .option('-f, --force', 'ask nothing')
    .addHelpText('after', '\nExample:\n  gocker container prune --filter until=24h')
    .action(prune)
}

async function prune({ filter, force }: PruneFlags): Promise<void> {
  const filters = readFilters(filter, ['until', 'label', 'label!'])
  const stoppedContainers = containerPruneFilter(filters)
  if (!(await confirmed('This will remove all stopped containers.', { force: force === true }))) return
  const store = await openStore()
  const { removed, freed } = await store.prune({ stoppedContainers, containersOnly: true })
  await pruneNetworks(store, { leftoversOnly: true })
  const names = removed.filter(({ kind }) => kind === 'container').map(({ name }) => name)
  if (names.length > 0) console.log(`Deleted Containers:\n${names.join('\n')}\n`)
  console.log(reclaimed(freed))
}

/** @throws {FormatError} */
export function containerPruneFilter(filters: Filters): (container: ContainerRecord) => boolean {
  const isOld = agedBy(filters)
  return ({ created, labels }) => isOld(created) && fitsLabels(labels, filters)
}
