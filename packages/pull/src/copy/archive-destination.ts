import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, realpath, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Descriptor, type Digest, familiarReference, MEDIA_TYPES, parseReference } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { ArchiveWriter, blobName } from '../archive/archive-writer.ts'
import { PullError } from '../error.ts'
import { readManifest } from '../registry/manifest.ts'
import { withLayoutDestination } from './layout-destination.ts'
import { REF_NAME } from './layout-source.ts'
import type { ArchiveKind } from './place.ts'
import type { CopyDestination } from './places.ts'

export interface ArchivePlace {
  readonly kind: ArchiveKind
  readonly path: string
  readonly tag: string | undefined
}

interface Surroundings {
  readonly store: Store
  readonly signal?: AbortSignal | undefined
}

/** Gathers an image as a layout in the store's own space, and writes it as one file at the end; for `use`. */
export async function withArchiveDestination<T>(
  { kind, path, tag }: ArchivePlace,
  { store, signal }: Surroundings,
  use: (destination: CopyDestination) => Promise<T>,
): Promise<T> {
  const target = await targetOf(path)
  const draft = await store.layers.draft()
  try {
    const name = kind === 'docker-archive' && tag !== undefined ? familiarReference(parseReference(tag)) : tag
    const annotations = kind === 'docker-archive' && tag !== undefined ? { 'io.containerd.image.name': tag } : {}
    // The draft itself is locked by this process.
    const gathered = join(draft.dir, 'layout')
    const finish = () => explained(path, () => writeArchive(gathered, { kind, target, signal }))
    return await withLayoutDestination({ path: gathered, tag: name, annotations, signal }, (layout) =>
      use({ ...layout, keepsReferrers: kind === 'oci-archive', finish }),
    )
  } finally {
    await draft.abort()
  }
}

interface Target {
  /** Where a symlink leads. */
  readonly path: string
  /** A device or a pipe is written to; a file is replaced. */
  readonly isFile: boolean
}

async function targetOf(path: string): Promise<Target> {
  return await explained(path, async () => {
    const real = await realpath(path).catch(ifMissing)
    if (real === undefined) return { path, isFile: true }
    const found = await stat(real)
    if (found.isDirectory()) throw new PullError('WRITE_FAILED', `writing ${path}: it is a directory`)
    return { path: real, isFile: found.isFile() }
  })
}

function ifMissing(error: NodeJS.ErrnoException): undefined {
  if (error.code !== 'ENOENT') throw error
}

interface ArchiveFile {
  readonly kind: ArchiveKind
  readonly target: Target
  readonly signal: AbortSignal | undefined
}

async function writeArchive(directory: string, { kind, target: { path, isFile }, signal }: ArchiveFile): Promise<void> {
  const written = isFile ? `${path}.${randomBytes(8).toString('hex')}` : path
  try {
    await using file = await open(written, isFile ? 'wx' : 'w', 0o644)
    const archive = new ArchiveWriter(async (chunk) => {
      signal?.throwIfAborted()
      await file.writeFile(chunk)
    })
    for (const name of ['oci-layout', 'index.json']) await archive.file(name, await readFile(join(directory, name)))
    if (kind === 'docker-archive') await archive.file('manifest.json', await dockerManifest(directory))
    for (const blob of await blobsOf(directory)) await archive.stream(blob, () => createReadStream(join(directory, blobName(blob.digest))))
    await archive.finish()
    if (isFile) await rename(written, path)
  } catch (error) {
    if (isFile) await rm(written, { force: true })
    throw error
  }
}

async function explained<T>(path: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException
    if (cause instanceof PullError || code === undefined || !/^E[A-Z]+$/.test(code)) throw cause
    throw new PullError(code === 'ENOSPC' ? 'NO_SPACE' : 'WRITE_FAILED', `writing ${path}: ${code}`, { cause })
  }
}

async function blobsOf(directory: string): Promise<Pick<Descriptor, 'digest' | 'size'>[]> {
  const found: Pick<Descriptor, 'digest' | 'size'>[] = []
  for (const algorithm of (await readdir(join(directory, 'blobs'))).sort())
    for (const hex of (await readdir(join(directory, 'blobs', algorithm))).sort())
      found.push({ digest: `${algorithm}:${hex}` as Digest, size: (await stat(join(directory, 'blobs', algorithm, hex))).size })
  return found
}

/** @see https://github.com/moby/docker-image-spec/blob/main/v1.2.md#combined-image-json--filesystem-changeset-format */
async function dockerManifest(directory: string): Promise<Buffer> {
  const index = readManifest(await readFile(join(directory, 'index.json')), MEDIA_TYPES.ociIndex, 'reading index.json')
  const [root] = index.kind === 'index' ? index.index.manifests : []
  if (root === undefined) throw new Error('writing a docker archive: there is no image')
  const content = readManifest(await readFile(join(directory, blobName(root.digest))), root.mediaType, 'reading the image')
  if (content.kind === 'index')
    throw new PullError('INVALID_OPTION', 'writing a docker archive: it holds one platform, and these are several', {
      hint: 'leave --all out, or copy to oci-archive:FILE',
    })
  const name = root.annotations?.[REF_NAME]
  const { config, layers } = content.manifest
  return Buffer.from(
    JSON.stringify([
      { Config: blobName(config.digest), RepoTags: name === undefined ? [] : [name], Layers: layers.map(({ digest }) => blobName(digest)) },
    ]),
  )
}
