import { existsSync, mkdirSync, renameSync } from 'node:fs'
import { basename, dirname } from 'node:path'
import { recordEvent, type Store, withLock } from '@gocker/store'
import type { VolumeRequest } from '../options/mount-request.ts'

/** Puts into a directory what the volume begins with. */
export type Fill = (directory: string) => Promise<void>

type NamedVolume = Pick<VolumeRequest, 'labels' | 'options'> & { readonly name: string }

/**
 * Makes a named volume where it is not there yet, and fills it; one that is there is filled while it is empty. A new one is seen only when it
 * is whole, whatever is killed meanwhile.
 */
export async function makeVolume(store: Store, { name, labels, options }: NamedVolume, fill: Fill): Promise<void> {
  const place = store.paths.volume(name)
  if (labels !== undefined || options !== undefined) await store.volumes.create({ name, labels, options })
  // It may be another container's, too.
  await withLock(store.paths.lock(`volume-${name}`), 'exclusive', async () => {
    if (existsSync(place)) await fill(place)
    else await showFilled(store, place, fill)
  })
}

async function showFilled(store: Store, place: string, fill: Fill): Promise<void> {
  const draft = await store.layers.draft()
  try {
    await fill(draft.dir)
    mkdirSync(dirname(place), { recursive: true, mode: 0o700 })
    renameSync(draft.dir, place)
    await recordEvent(store, { type: 'volume', action: 'create', id: basename(place), attributes: { driver: 'local' } })
  } finally {
    await draft.abort()
  }
}
