import type { Descriptor, Digest } from '@gocker/oci'
import { MEDIA_TYPES, parseReference } from '@gocker/oci'
import type { StoredIndex } from '@gocker/store'
import { collect, descriptorOf } from '../copy/collect.ts'
import { type CopyImageOptions, copyCollected } from '../copy/copy-image.ts'
import { parsePlace } from '../copy/place.ts'
import { withDestination } from '../copy/with-destination.ts'
import { withSource } from '../copy/with-source.ts'
import { PullError } from '../error.ts'
import { readManifest } from '../registry/manifest.ts'
import { manifestList } from './annotate-list.ts'

export interface PushListOptions extends Omit<CopyImageOptions, 'from' | 'to' | 'all' | 'platform' | 'withoutReferrers'> {
  readonly name: string
}

/**
 * Brings a list to the registry that its name says, and before it every image of it that is not there: by mounting where it is in another
 * repository of that registry.
 * @throws {StoreError} `NOT_FOUND`; {PullError}
 */
export async function pushManifestList({ name, ...options }: PushListOptions): Promise<Descriptor> {
  const list = await manifestList(options.store, name)
  const to = `docker://${name}`
  for (const { digest } of list.index.manifests) await pushPart(sourceOf(list, digest), { ...options, to })
  const document = {
    bytes: list.bytes,
    digest: list.descriptor.digest,
    content: readManifest(list.bytes, MEDIA_TYPES.ociIndex, `reading ${name}`),
  }
  const place = parsePlace(to)
  await withDestination(place, { ...options, to, from: place }, (destination) => destination.keep(document, { role: 'root' }))
  options.onEvent?.({ type: 'done', reference: name, digest: document.digest })
  return descriptorOf(document)
}

async function pushPart(from: string, options: Omit<CopyImageOptions, 'from'>): Promise<void> {
  const place = parsePlace(from)
  await withSource(place, { ...options, from, brought: [] }, (source) =>
    withDestination(parsePlace(options.to), { ...options, from: place }, async (destination) => {
      const collected = await collect(source, await source.root())
      options.onEvent?.({ type: 'resolved', reference: from.replace('docker://', ''), layers: collected.blobs })
      await copyCollected(collected, { role: 'part' }, { ...options, from, source, destination })
    }),
  )
}

function sourceOf({ name, sources }: StoredIndex, digest: Digest): string {
  const source = sources[digest]
  if (source === undefined)
    throw new PullError('NOT_FOUND', `pushing manifest list ${name}: nothing says where ${digest} is`, { hint: 'make the list anew' })
  const { registry, repository } = parseReference(source)
  return `docker://${registry}/${repository}@${digest}`
}
