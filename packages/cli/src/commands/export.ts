import { createWriteStream } from 'node:fs'
import { rm } from 'node:fs/promises'
import type { Writable } from 'node:stream'
import { finished } from 'node:stream/promises'
import type { Digest } from '@gocker/oci'
import { exportRootfs } from '@gocker/pull'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'

export function define(command: Command): void {
  command
    .argument('<name>', 'name or id of a container or an image')
    .option('-o, --output <file>', 'where to write the tar (default: stdout)')
    .addHelpText('after', '\nExample:\n  gocker export debian | tar t')
    .action(exportTar)
}

async function exportTar(name: string, { output }: { output?: string }): Promise<void> {
  if (output === undefined && process.stdout.isTTY) throw new Error('writing a tar: stdout is a terminal; say where with -o FILE')
  const store = await openStore()
  const lowers = await directoriesOf(store, name)
  const sink = output === undefined ? process.stdout : createWriteStream(output)
  try {
    await interruptible((signal) => exportRootfs({ lowers, signal }, (chunk) => written(sink, chunk)))
    if (output !== undefined) await finished(sink.end())
  } catch (error) {
    if (output !== undefined) await rm(output, { force: true })
    throw error
  }
}

/** As overlayfs stacks them: a container's own directory first, then the layers from the top. */
async function directoriesOf(store: Store, name: string): Promise<string[]> {
  const container = await store.containers.find(name)
  if (container === undefined) return layersOf(store, (await store.images.get(name)).layers)
  return [store.paths.bundle(container.id).upper, ...layersOf(store, container.image?.layers ?? [])]
}

function layersOf(store: Store, layers: readonly Digest[]): string[] {
  return layers.map((diffID) => store.layers.path(diffID)).reverse()
}

/** The chunk's memory is used again: it must have left when this settles. */
function written(sink: Writable, chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    sink.write(chunk, (error) => (error ? reject(error) : resolve()))
  })
}
