import { readFile } from 'node:fs/promises'
import { type Descriptor, MEDIA_TYPES, parseManifest } from '@gocker/oci'
import { writeFileAtomic } from './atomic-file.ts'
import { doing, StoreError, unless } from './error.ts'
import type { IndexEntry } from './index-entry.ts'
import { withLock } from './lock.ts'
import type { StorePaths } from './paths.ts'

/** @throws {StoreError} `CORRUPT` */
export async function readIndex(paths: StorePaths): Promise<readonly IndexEntry[]> {
  return (await readDocument(paths)).manifests
}

export type IndexChange = (entries: readonly IndexEntry[]) => readonly IndexEntry[] | Promise<readonly IndexEntry[]>

/** Puts what `change` makes of the entries in their place; nobody else changes them meanwhile. */
export async function updateIndex(paths: StorePaths, change: IndexChange): Promise<void> {
  await withLock(paths.lock('images'), 'exclusive', async () => {
    const document = await readDocument(paths)
    const manifests = await change(document.manifests)
    await writeFileAtomic(paths.index, JSON.stringify({ ...document, manifests }, undefined, 1))
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
