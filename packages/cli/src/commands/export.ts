import { rm } from 'node:fs/promises'
import type { Digest } from '@gocker/oci'
import { exportRootfs } from '@gocker/pull'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { opened } from '../opened.ts'

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
  if (output !== undefined) return await exportToFile(output, lowers)
  // A reader who has gone is what the failed write says; the event comes besides.
  process.stdout.on('error', () => {})
  await exportTo(written, lowers)
}

type Sink = (chunk: Uint8Array) => Promise<void>

async function exportTo(sink: Sink, lowers: readonly string[]): Promise<void> {
  await interruptible((signal) => exportRootfs({ lowers, signal }, sink))
}

/** A file that is not whole does not stay; a device or a pipe is the user's. */
async function exportToFile(output: string, lowers: readonly string[]): Promise<void> {
  const file = await opened(output, 'w')
  const isOwn = (await file.stat()).isFile()
  try {
    await exportTo((chunk) => file.writeFile(chunk), lowers)
  } catch (error) {
    if (isOwn) await rm(output, { force: true })
    throw error
  } finally {
    await file.close()
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

/** To stdout. The chunk's memory is used again: it must have left when this settles. */
function written(chunk: Uint8Array): Promise<void> {
  return new Promise((resolve, reject) => {
    process.stdout.write(chunk, (error) =>
      error ? reject(new Error(`writing a tar to stdout: ${error.message}`, { cause: error })) : resolve(),
    )
  })
}
