import { type Store, StoreError } from '@gocker/store'
import { type Filters, fitsLabels } from '../format/filters.ts'

export const VOLUME_PRUNE_FILTERS = ['label', 'label!', 'all']

export interface VolumePruneOptions {
  /** Those with a name, too. */
  readonly all: boolean
  readonly filters: Filters
}

/** Removes volumes that no container has, as docker does. */
export async function pruneVolumes(
  { volumes }: Store,
  { all, filters }: VolumePruneOptions,
): Promise<{ removed: string[]; freed: number }> {
  const users = await volumes.users()
  const candidates = (await volumes.list()).filter(
    ({ name, labels, anonymous }) => (all || anonymous) && !users.has(name) && fitsLabels(labels, filters),
  )
  const removed: string[] = []
  let freed = 0
  for (const { name } of candidates) {
    // A container may have come to use it by now.
    const bytes = await volumes.remove(name, { force: true }).catch(unlessInUse)
    if (bytes === undefined) continue
    removed.push(name)
    freed += bytes
  }
  return { removed, freed }
}

function unlessInUse(error: unknown): undefined {
  if (!(error instanceof StoreError) || error.code !== 'IN_USE') throw error
  return undefined
}
