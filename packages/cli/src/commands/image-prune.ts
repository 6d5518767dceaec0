import { familiarReference, parseReference } from '@gocker/oci'
import { imagesOfContainer, openStore, type Store, type StoredImage, StoreError } from '@gocker/store'
import type { Command } from 'commander'
import { agedBy, type Filters, fitsLabels, readFilters, readFlag } from '../format/filters.ts'
import { collect } from '../option-values.ts'
import { reclaimed } from '../terminal/amounts.ts'
import { confirmed } from '../terminal/confirm.ts'

interface PruneFlags {
  readonly all?: true
  readonly filter: readonly string[]
  readonly force?: true
}

export function defineImagePrune(group: Command): void {
  group
    .command('prune')
    .summary('Remove images that no container uses')
    .description('Remove images without a name that no container uses; with --all those with one, too')
    .option('-a, --all', 'those with a name, too')
    .option('--filter <key=value>', 'only some: until=24h, label=, label!=, dangling=', collect, [])
    .option('-f, --force', 'ask nothing')
    .addHelpText('after', '\nExample:\n  gocker image prune --all --filter until=240h')
    .action(prune)
}

async function prune({ all, filter, force }: PruneFlags): Promise<void> {
  const filters = readFilters(filter, ['until', 'label', 'label!', 'dangling'])
  const isAll = all === true || readFlag(filters, 'dangling') === false
  const which = isAll ? 'all images without at least one container associated to them' : 'all dangling images'
  if (!(await confirmed(`This will remove ${which}.`, { force: force === true }))) return
  const { lines, freed } = await pruneImages(await openStore(), { filters, isAll })
  if (lines.length > 0) console.log(`Deleted Images:\n${lines.join('\n')}\n`)
  console.log(reclaimed(freed))
}

export async function pruneImages(
  store: Store,
  { filters, isAll }: { filters: Filters; isAll: boolean },
): Promise<{ lines: string[]; freed: number }> {
  const isOld = agedBy(filters)
  const used = new Set<string>((await store.containers.list()).flatMap(imagesOfContainer).map(({ id }) => id))
  const isWanted = ({ id, references, created = '', config }: StoredImage) =>
    !used.has(id) && (isAll || references.length === 0) && isOld(created) && fitsLabels(config.config?.Labels ?? {}, filters)
  const lines: string[] = []
  let freed = 0
  // Name by name, so that nothing is taken that was given a name meanwhile.
  for (const image of (await store.images.list()).filter(isWanted))
    for (const name of image.references.length > 0 ? image.references : [image.id]) {
      const removal = await store.images.remove(name).catch(unlessOthers)
      lines.push(...(removal?.untagged ?? []).map((each) => `untagged: ${familiarReference(parseReference(each))}`))
      lines.push(...(removal?.deleted ?? []).map((digest) => `deleted: ${digest}`))
      freed += removal?.freed ?? 0
    }
  return { lines, freed }
}

/** A container may have come to use it, or somebody has removed it. */
function unlessOthers(error: unknown): undefined {
  if (!(error instanceof StoreError) || !['IN_USE', 'NOT_FOUND'].includes(error.code)) throw error
  return undefined
}
