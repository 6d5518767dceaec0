import type { Descriptor } from '@gocker/oci'
import type { Blobs } from './blobs.ts'
import { mapConcurrently } from './concurrently.ts'
import { StoreError } from './error.ts'
import { recordEvent } from './events.ts'
import { imageId, matchImage, noSuchImage } from './image-lookup.ts'
import { type ImageRemoval, imageEvent, type RemoveImageOptions, removeImage } from './image-removal.ts'
import { canonicalName, entryName, type IndexEntry, isImageEntry, makeEntry, withEntry, withoutName } from './index-entry.ts'
import { readIndex, updateIndex } from './index-file.ts'
import { keepingContent } from './keeping.ts'
import type { StorePaths } from './paths.ts'
import { loadImage, type StoredImage } from './stored-image.ts'

export interface TagOptions {
  /** `docker.io/library/debian@sha256:...`: what a registry called it. */
  readonly repoDigest?: string | undefined
}

/** The images of `index.json`. A name is one entry; an image that lost its last name keeps a nameless one (dangling). */
export interface Images {
  /** All images, newest first. Reads every manifest and config; passes over images whose manifest or config is damaged. */
  list(): Promise<StoredImage[]>
  /**
   * Finds one by familiar or canonical name, name@digest, or full or abbreviated id. Reads index.json, one manifest and one config.
   * @throws {StoreError} `AMBIGUOUS_ID`, `CORRUPT`
   */
  find(nameOrId: string): Promise<StoredImage | undefined>
  /** @throws {StoreError} as find, and `NOT_FOUND` */
  get(nameOrId: string): Promise<StoredImage>
  /**
   * Gives a manifest, whose blob and config are here already, a name; the image that had the name keeps a nameless entry.
   * @throws {StoreError} `NOT_FOUND` when the manifest or its config is not here, `CORRUPT`
   * @throws {OciError} `INVALID_REFERENCE`
   */
  tag(reference: string, descriptor: Descriptor, options?: TagOptions): Promise<StoredImage>
  /** Keeps an image without a name, as a build without `-t` makes it. */
  add(descriptor: Descriptor): Promise<StoredImage>
  /** Takes a name away; the image stays, nameless when it was its last. @throws {StoreError} `NOT_FOUND` */
  untag(reference: string): Promise<void>
  /**
   * Removes as `docker rmi` does: a name is taken away; with the last one (or by id) goes the image, and what no other uses.
   * While a pull or a build is at work its content stays, for a later prune.
   * @throws {StoreError} `NOT_FOUND`; `IN_USE` when a container uses it, or an id has names in several repositories, unless forced
   */
  remove(nameOrId: string, options?: RemoveImageOptions): Promise<ImageRemoval>
}

export function openImages(paths: StorePaths, blobs: Blobs): Images {
  const find = async (nameOrId: string) => {
    const match = await matchImage(blobs, await readIndex(paths), nameOrId)
    return match && (await loadImage(blobs, match.entries))
  }
  return {
    list: () => listImages(paths, blobs),
    find,
    async get(nameOrId) {
      const image = await find(nameOrId)
      if (image === undefined) throw noSuchImage(nameOrId)
      return image
    },
    async tag(reference, descriptor, options = {}) {
      const name = canonicalName(reference)
      const image = await enter(paths, blobs, { ...options, descriptor, name })
      await recordEvent({ paths }, imageEvent('tag', image.id, name))
      return image
    },
    add: (descriptor) => enter(paths, blobs, { descriptor }),
    async untag(reference) {
      const name = canonicalName(reference)
      await updateIndex(paths, (entries) => {
        if (!entries.some((entry) => entryName(entry) === name)) throw noSuchImage(reference)
        return { entries: withoutName(entries, name), result: undefined }
      })
    },
    remove: (nameOrId, options = {}) => removeImage({ paths, blobs }, nameOrId, options),
  }
}

async function enter(
  paths: StorePaths,
  blobs: Blobs,
  naming: TagOptions & { descriptor: Descriptor; name?: string },
): Promise<StoredImage> {
  return await keepingContent(paths, async () => {
    const { id, descriptor } = await loadImage(blobs, [naming.descriptor])
    const entry = makeEntry(descriptor, { ...naming, id })
    const entries = await updateIndex(paths, (before) => {
      const after = withEntry(before, entry)
      return { entries: after, result: after }
    })
    return await loadImage(blobs, [entry, ...entries.filter((other) => other.digest === entry.digest)])
  })
}

async function listImages(paths: StorePaths, blobs: Blobs): Promise<StoredImage[]> {
  const groups = await groupByImage(blobs, (await readIndex(paths)).filter(isImageEntry))
  const images = await mapConcurrently(groups, (entries) => loadImage(blobs, entries).catch(passOverDamaged))
  return images.filter((image) => image !== undefined).sort((a, b) => ((a.created ?? '') < (b.created ?? '') ? 1 : -1))
}

type ImageEntries = [IndexEntry, ...IndexEntry[]]

/** The entries of each image; those of an image that cannot be read are left out. */
async function groupByImage(blobs: Blobs, entries: readonly IndexEntry[]): Promise<ImageEntries[]> {
  const ids = await mapConcurrently(entries, (entry) => imageId(blobs, entry))
  const groups = new Map<string, ImageEntries>()
  for (const [position, entry] of entries.entries()) {
    const id = ids[position]
    const group = id === undefined ? undefined : groups.get(id)
    if (group !== undefined) group.push(entry)
    else if (id !== undefined) groups.set(id, [entry])
  }
  return [...groups.values()]
}

function passOverDamaged(error: unknown): undefined {
  if (error instanceof StoreError && (error.code === 'CORRUPT' || error.code === 'NOT_FOUND')) return undefined
  throw error
}
