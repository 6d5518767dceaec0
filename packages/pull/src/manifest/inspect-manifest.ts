import { type Descriptor, isDigest, parseReference } from '@gocker/oci'
import type { Store } from '@gocker/store'
import { descriptorOf } from '../copy/collect.ts'
import { readManifest } from '../registry/manifest.ts'
import { type RegistryOptions, registryFor } from '../registry/registry.ts'
import { entryNamed, manifestList } from './annotate-list.ts'

export interface InspectManifestOptions extends RegistryOptions {
  readonly store: Store
  /** A list that is kept here, else what a registry has. */
  readonly name: string
  /** One of the list that `name` is. */
  readonly manifest?: string | undefined
}

export interface InspectedManifest {
  readonly descriptor: Descriptor
  readonly document: object
  /** Of an index: what it names, as far as it is a manifest. */
  readonly manifests: () => Promise<readonly InspectedManifest[]>
}

/** Shows a manifest or an index as it is. @throws {PullError}, {StoreError} */
export async function inspectManifest(options: InspectManifestOptions): Promise<InspectedManifest> {
  const { store, name, manifest } = options
  if (manifest !== undefined) {
    const descriptor = entryNamed(await manifestList(store, name), manifest)
    return await stored(store, descriptor)
  }
  const list = isDigest(name) ? undefined : await store.indexes.find(name)
  if (list === undefined) return await atRegistry(name, options)
  const manifests = async () => await Promise.all(list.index.manifests.map((entry) => stored(store, entry)))
  return { descriptor: list.descriptor, document: list.index, manifests }
}

async function stored(store: Store, descriptor: Descriptor): Promise<InspectedManifest> {
  const content = readManifest(await store.blobs.read(descriptor.digest), descriptor.mediaType, `reading manifest ${descriptor.digest}`)
  return { descriptor, document: content.kind === 'index' ? content.index : content.manifest, manifests: async () => [] }
}

async function atRegistry(name: string, options: RegistryOptions): Promise<InspectedManifest> {
  const reference = parseReference(name)
  const fetch = async (which: string) => {
    await using registry = registryFor(reference, options)
    return await registry.manifest(which)
  }
  const fetched = await fetch(reference.digest ?? reference.tag ?? 'latest')
  const { content } = fetched
  const descriptor = descriptorOf(fetched)
  if (content.kind === 'manifest') return { descriptor, document: content.manifest, manifests: async () => [] }
  const manifests = async () =>
    await Promise.all(
      content.index.manifests.map(async (entry) => {
        const { content } = await fetch(entry.digest)
        return { descriptor: entry, document: content.kind === 'index' ? content.index : content.manifest, manifests: async () => [] }
      }),
    )
  return { descriptor, document: content.index, manifests }
}
