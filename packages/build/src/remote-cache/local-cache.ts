import { constants, createReadStream } from 'node:fs'
import { copyFile, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { type Descriptor, digestHex, digestOf, type ImageManifest, MEDIA_TYPES, parseManifest } from '@gocker/oci'
import { makeDirectories, type Store, writeFileAtomic } from '@gocker/store'
import { BuildError } from '../error.ts'
import { CACHE_TYPE, cacheDocument, parseCacheDocument, type RemoteSteps } from './cache-document.ts'
import type { OpenCache } from './open-cache.ts'

const LAYOUT = { imageLayoutVersion: '1.0.0' }

/** A cache in an OCI image layout. @throws {BuildError} `INVALID_OPTION`; what the disk says */
export async function openLocalCache(directory: string): Promise<OpenCache> {
  const manifest = await manifestIn(directory)
  if (manifest === undefined) throw new BuildError('INVALID_OPTION', 'there is none')
  const config = await readFile(blobPath(directory, manifest.config))
  return {
    steps: parseCacheDocument(config, manifest.layers),
    open: (descriptor, offset) => createReadStream(blobPath(directory, descriptor), { start: offset }),
    close: async () => {},
  }
}

/**
 * Puts steps in the place of those that a directory has; layers stay plain tars, as in the store.
 * @throws {BuildError} `INVALID_OPTION` when it holds something else
 */
export async function writeLocalCache(store: Store, directory: string, steps: RemoteSteps): Promise<void> {
  const root = resolve(directory)
  await manifestIn(root)
  const layers = [
    ...new Map(
      [...steps.values()].flatMap(({ layer }) => (layer === undefined ? [] : [[layer.descriptor.digest, layer.descriptor]])),
    ).values(),
  ]
  makeDirectories(join(root, 'blobs/sha256'))
  for (const layer of layers) await copyBlob(store, root, layer)
  const config = await putDocument(root, CACHE_TYPE, cacheDocument(steps))
  const manifest: ImageManifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers }
  const descriptor = await putDocument(root, MEDIA_TYPES.ociManifest, manifest)
  await writeFileAtomic(join(root, 'oci-layout'), JSON.stringify(LAYOUT))
  const index = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [{ ...descriptor, artifactType: CACHE_TYPE }] }
  await writeFileAtomic(join(root, 'index.json'), JSON.stringify(index))
  await removeOthers(root, [descriptor, config, ...layers])
}

/** `undefined` where nothing is yet. @throws {BuildError} `INVALID_OPTION` for a layout of something else */
async function manifestIn(directory: string): Promise<ImageManifest | undefined> {
  const bytes = await readFile(join(directory, 'index.json')).catch(unlessMissing)
  if (bytes === undefined) return undefined
  const document = parseManifest(bytes, MEDIA_TYPES.ociIndex)
  const entries = document.kind === 'index' ? document.index.manifests : []
  const [entry] = entries
  if (entry === undefined || entries.some(({ artifactType }) => artifactType !== CACHE_TYPE))
    throw new BuildError('INVALID_OPTION', 'it is an image layout, and no build cache')
  const manifest = parseManifest(await readFile(blobPath(directory, entry)), entry.mediaType)
  return manifest.kind === 'manifest' ? manifest.manifest : undefined
}

async function copyBlob(store: Store, root: string, descriptor: Descriptor): Promise<void> {
  const path = blobPath(root, descriptor)
  const there = await stat(path).catch(unlessMissing)
  if (there?.size === descriptor.size) return
  const draft = `${path}.draft-${process.pid}`
  try {
    await copyFile(store.blobs.path(descriptor.digest), draft, constants.COPYFILE_FICLONE)
    await rename(draft, path)
  } finally {
    await rm(draft, { force: true })
  }
}

async function putDocument(root: string, mediaType: string, value: unknown): Promise<Descriptor> {
  const bytes = Buffer.from(JSON.stringify(value))
  const descriptor = { mediaType, digest: digestOf(bytes), size: bytes.length }
  await writeFileAtomic(blobPath(root, descriptor), bytes)
  return descriptor
}

/** What an earlier build has put here, and this one has not used. */
async function removeOthers(root: string, kept: readonly Descriptor[]): Promise<void> {
  const names = new Set(kept.map(({ digest }) => digestHex(digest)))
  const directory = dirname(blobPath(root, kept[0] as Descriptor))
  for (const name of await readdir(directory)) if (!names.has(name)) await rm(join(directory, name), { force: true })
}

function blobPath(directory: string, { digest }: Pick<Descriptor, 'digest'>): string {
  return join(directory, 'blobs', ...digest.split(':'))
}

function unlessMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}
