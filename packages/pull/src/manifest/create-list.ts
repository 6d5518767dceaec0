import {
  type Descriptor,
  formatReference,
  type ImageIndex,
  isConfigType,
  isManifestType,
  MEDIA_TYPES,
  parseImageConfig,
  parseReference,
} from '@gocker/oci'
import type { Store, StoredIndex } from '@gocker/store'
import { descriptorOf } from '../copy/collect.ts'
import { PullError } from '../error.ts'
import type { FetchedManifest } from '../registry/manifest.ts'
import { type Registry, type RegistryOptions, registryFor } from '../registry/registry.ts'
import { fetchSmallBlob } from '../transfer/small-blob.ts'

export interface CreateListOptions extends RegistryOptions {
  readonly store: Store
  readonly name: string
  /** Names of images at registries; of one that is an index itself, what is in it. */
  readonly manifests: readonly string[]
  /** Adds to the list that has the name. */
  readonly amend?: boolean | undefined
}

/**
 * Makes an index of images that registries have, and keeps it here. Of the images only the manifests are fetched.
 * @throws {PullError} `INVALID_OPTION` where the name is taken, `NOT_FOUND`, ...
 */
export async function createManifestList(options: CreateListOptions): Promise<StoredIndex> {
  const { store, name, manifests, amend, signal } = options
  const before = await store.indexes.find(name)
  if (before !== undefined && amend !== true)
    throw new PullError('INVALID_OPTION', `making manifest list ${name}: there is one already`, { hint: '--amend adds to it' })
  const work = async () => {
    const entries = new Map((before?.index.manifests ?? []).map((entry) => [entry.digest, entry]))
    const sources: Record<string, string> = { ...before?.sources }
    for (const each of manifests)
      for (const entry of await entriesOf(each, options)) {
        entries.set(entry.digest, entry)
        sources[entry.digest] = formatReference(parseReference(each))
      }
    const index: ImageIndex = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [...entries.values()] }
    return await store.indexes.keep(name, { index, sources })
  }
  return await store.keeping(work, { ...(signal !== undefined && { signal }) })
}

async function entriesOf(name: string, options: CreateListOptions): Promise<Descriptor[]> {
  const reference = parseReference(name)
  await using registry = registryFor(reference, options)
  const fetched = await registry.manifest(reference.digest ?? reference.tag ?? 'latest')
  const { content } = fetched
  if (content.kind === 'manifest') return [await entryOf(fetched, { registry, ...options })]
  const images = content.index.manifests.filter(({ mediaType }) => isManifestType(mediaType))
  for (const { digest } of images) await options.store.blobs.put((await registry.manifest(digest)).bytes)
  return images
}

/** A manifest's entry, with the platform that its config tells. */
async function entryOf(
  fetched: FetchedManifest,
  { store, registry, retry }: CreateListOptions & { registry: Registry },
): Promise<Descriptor> {
  await store.blobs.put(fetched.bytes)
  const { mediaType, digest, size } = descriptorOf(fetched)
  const config = fetched.content.kind === 'manifest' ? fetched.content.manifest.config : undefined
  if (config === undefined || !isConfigType(config.mediaType)) return { mediaType, digest, size }
  const { os, architecture, variant, ...rest } = parseImageConfig(await fetchSmallBlob(registry, config, { store, policy: retry }))
  const osVersion = rest['os.version']
  const platform = {
    os,
    architecture,
    ...(variant !== undefined && variant !== '' && { variant }),
    ...(osVersion !== undefined && { 'os.version': osVersion }),
  }
  return { mediaType, digest, size, platform }
}
