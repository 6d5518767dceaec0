import { join } from 'node:path'
import { type Descriptor, type Digest, isConfigType, isDigest, OciError, parseImageConfig, parseManifest } from '@gocker/oci'
import type { Blobs } from './blobs.ts'
import { mapConcurrently } from './concurrently.ts'
import { imagesOfContainer, listRecords } from './container-record.ts'
import { StoreError, unless } from './error.ts'
import { readIndex } from './index-file.ts'
import type { StorePaths } from './paths.ts'
import { readdir, readFile } from './quick-files.ts'

/** Blobs, and layers by diffID. */
export interface Content {
  readonly blobs: Set<Digest>
  readonly layers: Set<Digest>
}

/** What the images, the containers and the build cache need. */
export async function contentInUse(paths: StorePaths, blobs: Blobs): Promise<Content> {
  const content = emptyContent()
  const images = (await listRecords(paths)).flatMap(imagesOfContainer)
  for (const layer of images.flatMap(({ layers }) => layers)) content.layers.add(layer)
  const manifests = images.map(({ manifest }) => ({ digest: manifest }))
  await mapConcurrently([...(await readIndex(paths)), ...manifests], (manifest) => addManifest(content, blobs, manifest))
  await addBuildCache(content, paths)
  return content
}

/** What hangs on these manifests or indexes. */
export async function contentOf(blobs: Blobs, manifests: readonly ManifestName[]): Promise<Content> {
  const content = emptyContent()
  await mapConcurrently(manifests, (manifest) => addManifest(content, blobs, manifest))
  return content
}

/** What is in `content` and not in `other`. */
export function without(content: Content, other: Content): Content {
  return {
    blobs: new Set([...content.blobs].filter((digest) => !other.blobs.has(digest))),
    layers: new Set([...content.layers].filter((diffID) => !other.layers.has(diffID))),
  }
}

type ManifestName = Pick<Descriptor, 'digest'> & Partial<Descriptor>

function emptyContent(): Content {
  return { blobs: new Set(), layers: new Set() }
}

async function addManifest(content: Content, blobs: Blobs, { digest, mediaType }: ManifestName): Promise<void> {
  if (content.blobs.has(digest)) return
  content.blobs.add(digest)
  const document = await readable(async () => parseManifest(await blobs.read(digest), mediaType))
  if (document?.kind === 'index') for (const entry of document.index.manifests) await addManifest(content, blobs, entry)
  if (document?.kind !== 'manifest') return
  const { config, layers } = document.manifest
  for (const blob of [config, ...layers]) content.blobs.add(blob.digest)
  if (!isConfigType(config.mediaType)) return
  const parsed = await readable(async () => parseImageConfig(await blobs.read(config.digest)))
  for (const diffID of parsed?.rootfs.diff_ids ?? []) content.layers.add(diffID)
}

/** What is missing or damaged names nothing. */
async function readable<T>(read: () => Promise<T>): Promise<T | undefined> {
  try {
    return await read()
  } catch (error) {
    const isDamaged = error instanceof OciError || (error instanceof StoreError && ['NOT_FOUND', 'CORRUPT'].includes(error.code))
    if (isDamaged) return undefined
    throw error
  }
}

async function addBuildCache(content: Content, paths: StorePaths): Promise<void> {
  const names = (await readdir(paths.buildCaches).catch(unless('ENOENT'))) ?? []
  await mapConcurrently(
    names.filter((name) => name.endsWith('.json')),
    async (name) => {
      const { blobs, layers } = cacheRecord(await readFile(join(paths.buildCaches, name), 'utf8').catch(unless('ENOENT')))
      for (const digest of digestsIn(blobs)) content.blobs.add(digest)
      for (const diffID of digestsIn(layers)) content.layers.add(diffID)
    },
  )
}

function cacheRecord(text = '{}'): { readonly blobs?: unknown; readonly layers?: unknown } {
  try {
    return (JSON.parse(text) as object | null) ?? {}
  } catch {
    return {}
  }
}

function digestsIn(value: unknown): Digest[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string').filter(isDigest) : []
}
