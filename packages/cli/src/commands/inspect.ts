import { familiarReference, parseReference } from '@gocker/oci'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'

export function define(command: Command): void {
  command
    .argument('<name...>', 'names or ids of containers and images')
    .addHelpText('after', '\nExample:\n  gocker inspect debian')
    .action(inspect)
}

async function inspect(names: readonly string[]): Promise<void> {
  const store = await openStore()
  const found = await Promise.all(names.map((name) => describe(store, name)))
  console.log(JSON.stringify(found, undefined, 2))
}

/** A container goes before an image of the same name, as docker has it. */
async function describe(store: Store, name: string): Promise<Record<string, unknown>> {
  const container = await store.containers.find(name)
  if (container !== undefined) return { Type: 'container', ...container, state: await store.containers.readState(container.id) }
  const { id, descriptor, references, repoDigests, manifest, config, size, created, layers } = await store.images.get(name)
  return {
    Type: 'image',
    Id: id,
    RepoTags: references.map((name) => familiarReference(parseReference(name))),
    RepoDigests: repoDigests,
    Created: created,
    Architecture: config.architecture,
    ...(config.variant !== undefined && { Variant: config.variant }),
    Os: config.os,
    Size: size,
    Config: config.config ?? {},
    RootFS: { Type: 'layers', Layers: layers },
    History: config.history ?? [],
    Descriptor: descriptor,
    Manifest: manifest,
  }
}
