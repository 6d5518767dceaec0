import { type Digest, formatReference, OciError, parseReference, type Reference } from '@gocker/oci'
import type { Blobs } from './blobs.ts'
import { StoreError } from './error.ts'
import { entryImageId, entryName, entryRepoDigest, type IndexEntry, isImageEntry } from './index-entry.ts'
import { readImageManifest } from './stored-image.ts'

/** What a user's text means among the entries of the index. */
export interface ImageMatch {
  readonly id: Digest
  /** All entries of the image, first those that were meant. */
  readonly entries: readonly [IndexEntry, ...IndexEntry[]]
  /** The entries whose name was given; none when the image was given by its id. */
  readonly named: readonly IndexEntry[]
}

/**
 * Finds an image by name first, then by name@digest, then by its id or the beginning of it, as docker does.
 * @throws {StoreError} `AMBIGUOUS_ID`
 */
export async function matchImage(blobs: Blobs, entries: readonly IndexEntry[], text: string): Promise<ImageMatch | undefined> {
  const images = entries.filter(isImageEntry)
  const named = entriesNamed(images, text)
  const meant = named[0]
  const id = meant === undefined ? await idBeginningWith(blobs, images, text) : await imageId(blobs, meant)
  if (id === undefined) return undefined
  const [first, ...others] = [...named, ...(await entriesOfImage(blobs, images, id)).filter((entry) => !named.includes(entry))]
  return first && { id, entries: [first, ...others], named }
}

/** The id of an entry's image; reads the manifest when another tool has written the entry. `undefined` when there is nothing to read. */
export async function imageId(blobs: Blobs, entry: IndexEntry): Promise<Digest | undefined> {
  const known = entryImageId(entry)
  if (known !== undefined) return known
  try {
    return (await readImageManifest(blobs, entry)).config.digest
  } catch (error) {
    if (error instanceof StoreError && (error.code === 'NOT_FOUND' || error.code === 'CORRUPT')) return undefined
    throw error
  }
}

function entriesNamed(images: readonly IndexEntry[], text: string): IndexEntry[] {
  const reference = parsedName(text)
  if (reference === undefined) return []
  const { registry, repository, digest } = reference
  const origin = `${registry}/${repository}`
  const wanted = formatReference(reference)
  if (digest === undefined) return images.filter((entry) => entryName(entry) === wanted)
  const name = `${origin}@${digest}`
  return images.filter((entry) => entryName(entry) === name || entryRepoDigest(entry) === name || isOf(entry, origin, digest))
}

function isOf(entry: IndexEntry, repository: string, digest: Digest): boolean {
  return entry.digest === digest && entryName(entry)?.startsWith(`${repository}:`) === true
}

function parsedName(text: string): Reference | undefined {
  try {
    return parseReference(text)
  } catch (error) {
    if (error instanceof OciError) return undefined
    throw error
  }
}

async function idBeginningWith(blobs: Blobs, images: readonly IndexEntry[], text: string): Promise<Digest | undefined> {
  const prefix = text.replace(/^sha256:/, '').toLowerCase()
  if (!/^[0-9a-f]{1,64}$/.test(prefix)) return undefined
  const ids = await Promise.all(images.map((entry) => imageId(blobs, entry)))
  const [id, ...others] = new Set(ids.filter((id) => id?.startsWith(`sha256:${prefix}`)))
  if (others.length === 0) return id
  throw new StoreError('AMBIGUOUS_ID', `finding image ${text}: ${others.length + 1} images have an id that begins so`, {
    hint: 'give more digits of the id',
  })
}

async function entriesOfImage(blobs: Blobs, images: readonly IndexEntry[], id: Digest): Promise<IndexEntry[]> {
  const ids = await Promise.all(images.map((entry) => imageId(blobs, entry)))
  return images.filter((_, position) => ids[position] === id)
}

export function noSuchImage(nameOrId: string): StoreError {
  return new StoreError('NOT_FOUND', `finding image ${nameOrId}: there is none`, { hint: 'gocker images lists those that are here' })
}
