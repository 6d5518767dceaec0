import { createReadStream } from 'node:fs'
import { type Digest, hostPlatform, parsePlatform } from '@gocker/oci'
import { type ArchivedImage, archivedImages } from '../archive/archived-images.ts'
import { readArchive } from '../archive/read-archive.ts'
import { PullError } from '../error.ts'
import { retriesTo } from '../push/events.ts'
import { readManifest } from '../registry/manifest.ts'
import { registryFor } from '../registry/registry.ts'
import { downloadBlob } from '../transfer/download.ts'
import type { CopyImageOptions } from './copy-image.ts'
import { archiveFiles, directoryFiles } from './layout-files.ts'
import { layoutSource } from './layout-source.ts'
import type { Place } from './place.ts'
import type { CopySource } from './places.ts'
import { storeSource } from './store-source.ts'

export interface SourceOptions extends CopyImageOptions {
  /** Takes the digests of the blobs that an archive becomes. */
  readonly brought: Digest[]
}

type Use<T> = (source: CopySource) => Promise<T>

/** Opens a place to copy from, for `use`. */
export async function withSource<T>(place: Place, options: SourceOptions, use: Use<T>): Promise<T> {
  const { store, signal, brought } = options
  if (place.kind === 'registry') return await withRegistry(place, options, use)
  if (place.kind === 'store') return await use(storeSource(place, store, (await store.images.get(place.name)).descriptor))
  if (place.kind === 'layout') return await use(await layoutSource(directoryFiles(place.path), { place, tag: place.tag }))
  const content = await readArchive({ source: archiveBytes(place.path), store, signal, brought })
  if (place.kind === 'oci-archive') return await use(await layoutSource(archiveFiles(content, store), { place, tag: place.tag }))
  const platform = typeof options.platform === 'string' ? parsePlatform(options.platform) : (options.platform ?? hostPlatform())
  const images = await archivedImages({ store, content, platform })
  return await use(storeSource(place, store, theOneOf(images, place).descriptor))
}

async function withRegistry<T>(place: Place & { kind: 'registry' }, options: CopyImageOptions, use: Use<T>): Promise<T> {
  const onEvent = retriesTo(options.onEvent)
  await using registry = registryFor(place.reference, { ...options, onEvent })
  const { tag, digest } = place.reference
  return await use({
    place,
    root: () => registry.manifest(digest ?? tag ?? 'latest'),
    document: async ({ digest, mediaType }) => {
      const fetched = await registry.manifest(digest)
      return { ...fetched, content: readManifest(fetched.bytes, mediaType, `reading manifest ${digest}`) }
    },
    open: (blob, { offset, signal }) => downloadBlob(registry, blob, { offset, signal, policy: options.retry, onEvent }),
    referrers: (digest) => registry.referrers(digest),
    tagged: (tag) => registry.tagged(tag),
  })
}

async function* archiveBytes(path: string): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) yield chunk
  } catch (cause) {
    throw new PullError('READ_FAILED', `reading ${path}: ${(cause as NodeJS.ErrnoException).code}`, { cause })
  }
}

function theOneOf(images: readonly ArchivedImage[], { name, tag }: { name: string; tag: string | undefined }): ArchivedImage {
  const isMeant = ({ names }: ArchivedImage) => names.some((each) => each === tag || each.endsWith(`/${tag}`) || each === `${tag}:latest`)
  const [only, ...others] = tag === undefined ? images : images.filter(isMeant)
  if (only !== undefined && others.length === 0) return only
  const names = images.flatMap((image) => image.names)
  throw new PullError('NOT_FOUND', `reading ${name}: ${only === undefined ? 'it has no such image' : 'it has several images'}`, {
    hint: names.length > 0 ? `there are ${names.join(', ')}` : undefined,
  })
}
