import { type Descriptor, type ImageIndex, MEDIA_TYPES, OciError, parseManifest } from '@gocker/oci'
import type { Blobs } from './blobs.ts'
import { StoreError } from './error.ts'
import { canonicalName, entryName, type IndexEntry, isImageEntry, withoutName } from './index-entry.ts'
import { readIndex, updateIndex } from './index-file.ts'
import { keepingContent } from './keeping.ts'
import type { StorePaths } from './paths.ts'

/** An index of several platforms' images, on its way to a registry: the images themselves need not be here. */
export interface StoredIndex {
  readonly name: string
  readonly descriptor: Descriptor
  readonly index: ImageIndex
  readonly bytes: Buffer
  /** Where each manifest has come from, by its digest. */
  readonly sources: Readonly<Record<string, string>>
}

/** The indexes of `index.json`, each a plain blob under one name, beside the images. */
export interface Indexes {
  /** @throws {StoreError} `CORRUPT`; {OciError} `INVALID_REFERENCE` */
  find(name: string): Promise<StoredIndex | undefined>
  /** Puts an index under a name, in the place of the one that has it. */
  keep(name: string, content: Pick<StoredIndex, 'index' | 'sources'>): Promise<StoredIndex>
  /** @throws {StoreError} `NOT_FOUND` */
  remove(name: string): Promise<void>
}

const SOURCES = 'dev.gocker.sources'

export function openIndexes(paths: StorePaths, blobs: Blobs): Indexes {
  return {
    async find(name) {
      const entry = (await readIndex(paths)).find((each) => isNamed(each, canonicalName(name)))
      return entry && (await load(blobs, entry))
    },
    keep: (name, content) => keepingContent(paths, () => keep({ paths, blobs }, canonicalName(name), content)),
    async remove(name) {
      const canonical = canonicalName(name)
      await updateIndex(paths, (entries) => {
        const rest = entries.filter((entry) => !isNamed(entry, canonical))
        if (rest.length === entries.length)
          throw new StoreError('NOT_FOUND', `removing manifest list ${name}: there is none`, { hint: 'gocker manifest create makes one' })
        return { entries: rest, result: undefined }
      })
    },
  }
}

function isNamed(entry: IndexEntry, name: string): boolean {
  return !isImageEntry(entry) && entryName(entry) === name
}

async function keep(
  { paths, blobs }: { paths: StorePaths; blobs: Blobs },
  name: string,
  { index, sources }: Pick<StoredIndex, 'index' | 'sources'>,
): Promise<StoredIndex> {
  const bytes = Buffer.from(JSON.stringify(index))
  const descriptor = { mediaType: MEDIA_TYPES.ociIndex, digest: await blobs.put(bytes), size: bytes.length }
  const annotations = { 'org.opencontainers.image.ref.name': name, [SOURCES]: JSON.stringify(sources) }
  await updateIndex(paths, (entries) => ({ entries: [...withoutName(entries, name), { ...descriptor, annotations }], result: undefined }))
  return { name, descriptor, index, bytes, sources }
}

async function load(blobs: Blobs, entry: IndexEntry): Promise<StoredIndex> {
  const { mediaType, digest, size, annotations } = entry
  const bytes = await blobs.read(digest)
  const sources = JSON.parse(annotations?.[SOURCES] ?? '{}') as Record<string, string>
  try {
    const document = parseManifest(bytes, mediaType)
    if (document.kind === 'index')
      return { name: entryName(entry) ?? '', descriptor: { mediaType, digest, size }, index: document.index, bytes, sources }
  } catch (cause) {
    if (!(cause instanceof OciError)) throw cause
    throw new StoreError('CORRUPT', `reading index ${digest}: ${cause.message}`, { cause })
  }
  throw new StoreError('CORRUPT', `reading index ${digest}: it is a manifest`)
}
