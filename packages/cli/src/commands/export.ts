import type { Digest } from '@gocker/oci'
import { exportRootfs } from '@gocker/pull'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { writeTar } from '../tar-output.ts'

export function define(command: Command): void {
  command
    .argument('<name>', 'name or id of a container or an image')
    .option('-o, --output <file>', 'where to write the tar (default: stdout)')
    .addHelpText('after', '\nExample:\n  gocker export debian | tar t')
    .action(exportTar)
}

async function exportTar(name: string, { output }: { output?: string }): Promise<void> {
  const store = await openStore()
  const lowers = await directoriesOf(store, name)
  await writeTar(output, (sink) => interruptible(async (signal) => void (await exportRootfs({ lowers, signal }, sink))))
}

/** As overlayfs stacks them: a container's own directory first, then the layers from the top. */
async function directoriesOf(store: Store, name: string): Promise<string[]> {
  const container = await store.containers.find(name)
  if (container === undefined) return layersOf(store, (await store.images.get(name)).layers)
  return [store.paths.bundle(container.id).upper, ...layersOf(store, container.image?.layers ?? [])]
}

function layersOf(store: Store, layers: readonly Digest[]): string[] {
  return store.layers.stack(layers)
}
