import { containerStatus, RunError, removeContainer } from '@gocker/run'
import { type ContainerRecord, openStore, type Store, StoreError, treeSize } from '@gocker/store'
import type { Command } from 'commander'
import { type Filters, fitsLabels, readFilters } from '../format/filters.ts'
import { readMoment } from '../format/moment.ts'
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
  if (!(await confirmed('This will remove all stopped containers.', { force: force === true }))) return
  const { removed, freed } = await pruneContainers(await openStore(), filters)
  if (removed.length > 0) console.log(`Deleted Containers:\n${removed.join('\n')}\n`)
  console.log(reclaimed(freed))
}

/** @returns the ids of those that are gone, and the bytes */
async function pruneContainers(store: Store, filters: Filters): Promise<{ removed: string[]; freed: number }> {
  const until = filters.until?.map((text) => readMoment(text, '--filter until=')).at(-1)
  const removed: string[] = []
  let freed = 0
  for (const record of await store.containers.list()) {
    if (until !== undefined && record.created >= until.toISOString()) continue
    if (!fitsLabels(record.labels, filters) || !(await isStopped(store, record))) continue
    const bytes = await treeSize(record.dir).catch(() => 0)
    if (!(await removeIfStopped(store, record))) continue
    removed.push(record.id)
    freed += bytes
  }
  return { removed, freed }
}

async function isStopped(store: Store, record: ContainerRecord): Promise<boolean> {
  const { status } = await containerStatus(store, record)
  return status === 'created' || status === 'exited' || status === 'dead'
}

/** It may have been started or removed by now. */
async function removeIfStopped(store: Store, { id }: ContainerRecord): Promise<boolean> {
  try {
    await removeContainer(store, id)
    return true
  } catch (error) {
    const isOthers = (error instanceof RunError && error.code === 'RUNNING') || (error instanceof StoreError && error.code === 'NOT_FOUND')
    if (isOthers) return false
    throw error
  }
}
