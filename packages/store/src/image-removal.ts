import { type Digest, familiarName, familiarReference, parseReference } from '@gocker/oci'
import type { Blobs } from './blobs.ts'
import { type ContainerRecord, imagesOfContainer, listRecords } from './container-record.ts'
import { contentInUse, contentOf, without } from './content.ts'
import { takeContentAway } from './content-removal.ts'
import { StoreError } from './error.ts'
import { type EventInput, recordEvent } from './events.ts'
import { type ImageMatch, matchImage, noSuchImage } from './image-lookup.ts'
import { entryName, type IndexEntry } from './index-entry.ts'
import { updateIndex } from './index-file.ts'
import { takingContent } from './keeping.ts'
import type { StorePaths } from './paths.ts'

export interface RemoveImageOptions {
  /** Also when a container uses it: what the container needs stays until the container goes. */
  readonly force?: boolean
}

export interface ImageRemoval {
  /** Canonical names. */
  readonly untagged: readonly string[]
  /** The image's id, and the digests of the blobs and layers that went with it. */
  readonly deleted: readonly Digest[]
  /** Bytes. */
  readonly freed: number
}

/** Images.remove. */
export async function removeImage(place: ImagePlace, nameOrId: string, { force = false }: RemoveImageOptions): Promise<ImageRemoval> {
  const dropEntries = () => dropImageEntries(place, nameOrId, force)
  const exclusive = await takingContent(place.paths, async () => {
    const dropped = await dropEntries()
    return { dropped, finish: await takeImageAway(place, dropped) }
  })
  const { dropped, finish } = exclusive?.result ?? { dropped: await dropEntries(), finish: async () => [] }
  const removed = await finish()
  const untagged = dropped.entries.map(entryName).filter((name) => name !== undefined)
  for (const name of untagged) await recordEvent(place, imageEvent('untag', dropped.id, name))
  if (dropped.isLast) await recordEvent(place, imageEvent('delete', dropped.id, dropped.id))
  return {
    untagged,
    deleted: dropped.isLast ? [...new Set([dropped.id, ...removed.map(({ digest }) => digest)])] : [],
    freed: removed.reduce((total, { size }) => total + size, 0),
  }
}

/** What is done to an image, told with its name as users write it. */
export function imageEvent(action: string, id: Digest, name: string): EventInput {
  return { type: 'image', action, id, attributes: { name: name === id ? id : familiarReference(parseReference(name)) } }
}

interface ImagePlace {
  readonly paths: StorePaths
  readonly blobs: Blobs
}

interface DroppedEntries {
  readonly id: Digest
  readonly entries: readonly IndexEntry[]
  /** Whether the image has no entry any more. */
  readonly isLast: boolean
}

async function dropImageEntries({ paths, blobs }: ImagePlace, nameOrId: string, force: boolean): Promise<DroppedEntries> {
  const records = await listRecords(paths)
  return await updateIndex(paths, async (entries) => {
    const match = await matchImage(blobs, entries, nameOrId)
    if (match === undefined) throw noSuchImage(nameOrId)
    const going = match.named.length > 0 ? match.named : match.entries
    const isLast = going.length === match.entries.length
    const users = records.filter((record) => imagesOfContainer(record).some(({ id }) => id === match.id))
    if (!force) refuseInUse(match, nameOrId, isLast ? users : [])
    return { entries: entries.filter((entry) => !going.includes(entry)), result: { id: match.id, entries: going, isLast } }
  })
}

function refuseInUse(match: ImageMatch, nameOrId: string, users: readonly ContainerRecord[]): void {
  const { named, entries } = match
  const [user] = users
  if (user !== undefined)
    throw new StoreError(
      'IN_USE',
      `removing image ${nameOrId}: container ${user.name} ${user.image?.id === match.id ? 'uses' : 'mounts'} it`,
      {
        hint: `gocker rm ${user.name} first, or gocker rmi --force`,
      },
    )
  const repositories = new Set(entries.flatMap((entry) => repositoryOf(entryName(entry))))
  if (named.length > 0 || repositories.size < 2) return
  throw new StoreError('IN_USE', `removing image ${nameOrId}: it is called ${[...repositories].join(' and ')}`, {
    hint: 'remove it by one name, or by gocker rmi --force',
  })
}

function repositoryOf(name: string | undefined): string[] {
  return name === undefined ? [] : [familiarName(parseReference(name))]
}

async function takeImageAway({ paths, blobs }: ImagePlace, { entries, isLast }: DroppedEntries): ReturnType<typeof takeContentAway> {
  if (!isLast) return async () => []
  return await takeContentAway(paths, without(await contentOf(blobs, entries), await contentInUse(paths, blobs)))
}
