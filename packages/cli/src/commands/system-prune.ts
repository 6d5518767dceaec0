import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { type Filters, readFilters } from '../format/filters.ts'
import { interruptible } from '../interrupt.ts'
import { collect } from '../option-values.ts'
import { reclaimed } from '../terminal/amounts.ts'
import { confirmed } from '../terminal/confirm.ts'
import { pruneVolumes } from '../views/volume-prune.ts'
import { containerPruneFilter } from './container-prune.ts'
import { pruneImages } from './image-prune.ts'
import { pruneUnusedNetworks } from './network-prune.ts'

interface PruneFlags {
  readonly all?: true
  readonly volumes?: true
  readonly filter: readonly string[]
  readonly force?: true
}

export function defineSystemPrune(group: Command): void {
  group
    .command('prune')
    .summary('Remove what nothing uses')
    .description('Remove stopped containers, unused networks, images without a name, and what a gocker that was killed has left')
    .option('-a, --all', 'also images with a name that no container uses, and what builds keep to be quick')
    .option('--volumes', 'also volumes without a name of their own that no container has')
    .option('--filter <key=value>', 'only some: until=24h, label=, label!=', collect, [])
    .option('-f, --force', 'ask nothing; where stdin is no terminal nothing is asked either')
    .addHelpText('after', '\nExample:\n  gocker system prune --all --filter until=24h')
    .action(prune)
}

async function prune(flags: PruneFlags): Promise<void> {
  const filters = readFilters(flags.filter, ['until', 'label', 'label!'])
  if (!(await confirmed(warningOf(flags), { force: flags.force === true }))) return
  const store = await openStore()
  const { lines, freed, busy } = await interruptible((signal) => pruneAll(store, { flags, filters, signal }))
  for (const line of lines) console.log(line)
  if (busy) process.stderr.write('A pull or a build is at work: blobs and layers were left alone.\n')
  process.stderr.write(`${reclaimed(freed)}\n`)
}

/** As docker words it. */
function warningOf({ all, volumes }: PruneFlags): string {
  const things = [
    'all stopped containers',
    'all networks not used by at least one container',
    ...(volumes === true ? ['all anonymous volumes not used by at least one container'] : []),
    all === true ? 'all images without at least one container associated to them' : 'all dangling images',
    ...(all === true ? ['all build cache'] : []),
  ]
  return `This will remove:\n${things.map((thing) => `  - ${thing}\n`).join('')}`
}

interface Pruning {
  readonly flags: PruneFlags
  readonly filters: Filters
  readonly signal: AbortSignal
}

/** From what uses to what is used: containers, their volumes and networks, their images, what images are made of. */
async function pruneAll(store: Store, { flags, filters, signal }: Pruning): Promise<{ lines: string[]; freed: number; busy: boolean }> {
  const stoppedContainers = containerPruneFilter(filters)
  const containers = await store.prune({ stoppedContainers, containersOnly: true, signal })
  const volumes = flags.volumes === true ? await pruneVolumes(store, { all: false, filters }) : { removed: [], freed: 0 }
  const networks = await pruneUnusedNetworks(store, filters)
  const isFiltered = Object.keys(filters).length > 0
  const images = isFiltered ? await pruneImages(store, { filters, isAll: flags.all === true }) : { lines: [], freed: 0 }
  const unnamed = !isFiltered && { danglingImages: true, unusedImages: flags.all === true, buildCache: flags.all === true }
  const rest = await store.prune({ ...unnamed, signal })
  return {
    lines: [
      ...[...containers.removed, ...rest.removed].map(({ kind, name }) => `${kind} ${name}`),
      ...volumes.removed.map((name) => `volume ${name}`),
      ...networks.map((name) => `network ${name}`),
      ...images.lines.map((line) => `image ${line}`),
    ],
    freed: containers.freed + volumes.freed + images.freed + rest.freed,
    busy: rest.busy,
  }
}
