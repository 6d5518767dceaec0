import { exportContainer, exportRootfs } from '@gocker/pull'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { writeTar } from '../tar-output.ts'

export function define(command: Command): void {
  command
    .argument('<name>', 'name or id of a container or an image')
    .option('-o, --output <file>', 'where to write the tar (default: stdout)')
    .addHelpText('after', '\nWhat is mounted in a container is not part of it.\n\nExample:\n  gocker export debian | tar t')
    .action(exportTar)
}

async function exportTar(name: string, { output }: { output?: string }): Promise<void> {
  const store = await openStore()
  await writeTar(output, (sink) => interruptible((signal) => exported(store, name, { signal, sink })))
}

interface ExportInput {
  readonly signal: AbortSignal
  readonly sink: (chunk: Buffer) => Promise<void>
}

async function exported(store: Store, name: string, { signal, sink }: ExportInput): Promise<void> {
  const container = await store.containers.find(name)
  if (container !== undefined) await exportContainer({ store, container: container.id, signal }, sink)
  else {
    const lowers = store.layers.stack((await store.images.get(name)).layers)
    await exportRootfs({ lowers, images: store.layers.images(lowers), signal }, sink)
  }
}
