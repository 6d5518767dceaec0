import { type Descriptor, MEDIA_TYPES, parseManifest } from '@gocker/oci'
import { writeFileAtomic } from './atomic-file.ts'
import { doing, StoreError, unless } from './error.ts'
import type { IndexEntry } from './index-entry.ts'
import { withLock } from './lock.ts'
import type { StorePaths } from './paths.ts'
import { readFile } from './quick-files.ts'

/** @throws {StoreError} `CORRUPT` */
export async function readIndex(paths: StorePaths): Promise<readonly IndexEntry[]> {
  return (await readDocument(paths)).manifests
}

interface IndexChange<T> {
  readonly entries: readonly IndexEntry[]
  readonly result: T
}

/** Puts the entries that `change` makes in the place of those that are; nobody else changes them meanwhile. */
export async function updateIndex<T>(
  paths: StorePaths,
  change: (entries: readonly IndexEntry[]) => IndexChange<T> | Promise<IndexChange<T>>,
): Promise<T> {
  return await withLock(paths.lock('images'), 'exclusive', async () => {
    const document = await readDocument(paths)
    const { entries, result } = await change(document.manifests)
    await writeFileAtomic(paths.index, JSON.stringify({ ...document, manifests: entries }, undefined, 1))
    return result
  })
}

/** Makes `index.json` when it is not there. */
export async function makeIndex(paths: StorePaths): Promise<void> {
  await withLock(paths.lock('images'), 'exclusive', async () => {
    if (await readFile(paths.index).catch(unless('ENOENT'))) return
    await writeFileAtomic(paths.index, JSON.stringify({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [] }, undefined, 1))
  })
}

async function readDocument(paths: StorePaths): Promise<{ readonly manifests: readonly Descriptor[] }> {
  const bytes = await doing('reading the images', () => readFile(paths.index).catch(unless('ENOENT')))
  // Never taken for an empty list: everything would then be garbage.
  if (bytes === undefined) throw damaged(paths, 'the file is missing')
  try {
    const document = parseManifest(bytes, MEDIA_TYPES.ociIndex)
    if (document.kind === 'index') return document.index
  } catch (cause) {
    throw damaged(paths, cause instanceof Error ? cause.message : String(cause), cause)
  }
  throw damaged(paths, 'it is not an image index')
}

function damaged(paths: StorePaths, why: string, cause?: unknown): StoreError {
  return new StoreError('CORRUPT', `reading ${paths.index}: ${why}`, {
    cause,
    hint: 'restore the file, or move the store away and pull again',
  })
}
