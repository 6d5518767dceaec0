import { randomBytes } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { type Descriptor, type Digest, familiarReference, MEDIA_TYPES, parseReference } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { ArchiveWriter, blobName } from '../archive/archive-writer.ts'
import { PullError } from '../error.ts'
import { readManifest } from '../registry/manifest.ts'
import { layoutDestination } from './layout-destination.ts'
import { REF_NAME } from './layout-source.ts'
import type { ArchiveKind } from './place.ts'
import type { CopyDestination } from './places.ts'

export interface ArchivePlace {
  readonly kind: ArchiveKind
  readonly path: string
  readonly tag: string | undefined
}

/** Gathers an image as a layout in the store's own space, and writes it as one file at the end; for `use`. */
export async function withArchiveDestination<T>(
  { kind, path, tag }: ArchivePlace,
  store: Store,
  use: (destination: CopyDestination) => Promise<T>,
): Promise<T> {
  const draft = await store.layers.draft()
  try {
    const name = kind === 'docker-archive' && tag !== undefined ? familiarReference(parseReference(tag)) : tag
    const annotations = kind === 'docker-archive' && tag !== undefined ? { 'io.containerd.image.name': tag } : {}
    const layout = layoutDestination(draft.dir, { tag: name, annotations })
    return await use({
      ...layout,
      keepsReferrers: kind === 'oci-archive',
      finish: () => writeArchive(draft.dir, { kind, path }),
    })
  } finally {
    await draft.abort()
  }
}

async function writeArchive(directory: string, { kind, path }: { kind: ArchiveKind; path: string }): Promise<void> {
  const temporary = `${path}.${randomBytes(8).toString('hex')}`
  try {
    await using file = await open(temporary, 'wx', 0o644)
    const archive = new ArchiveWriter(async (chunk) => await file.writeFile(chunk))
    for (const name of ['oci-layout', 'index.json']) await archive.file(name, await readFile(join(directory, name)))
    if (kind === 'docker-archive') await archive.file('manifest.json', await dockerManifest(directory))
    for (const blob of await blobsOf(directory)) await archive.stream(blob, () => createReadStream(join(directory, blobName(blob.digest))))
    await archive.finish()
    await rename(temporary, path)
  } catch (cause) {
    await rm(temporary, { force: true })
    const { code } = cause as NodeJS.ErrnoException
    if (cause instanceof PullError || code === undefined) throw cause
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
