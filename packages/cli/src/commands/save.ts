import { formatReference, parseReference } from '@gocker/oci'
import { type SavedImage, saveImages } from '@gocker/pull'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { writeTar } from '../tar-output.ts'

export function define(command: Command): void {
  command
    .argument('<images...>', 'names or ids')
    .option('-o, --output <file>', 'where to write the archive (default: stdout)')
    .addHelpText(
      'after',
      '\nThe archive is a docker archive and an OCI archive at once.\n\nExamples:\n  gocker save -o hello.tar hello\n  gocker save debian hello | ssh there gocker load',
    )
    .action(save)
}

async function save(names: readonly string[], { output }: { output?: string }): Promise<void> {
  const store = await openStore()
  const images = await savedImages(store, names)
  await writeTar(output, (sink) => interruptible((signal) => saveImages({ store, images, signal }, sink)))
}

/** An image that is given by name goes by that name; several names of one image are one image. */
async function savedImages(store: Store, names: readonly string[]): Promise<SavedImage[]> {
  const saved = new Map<string, SavedImage>()
  for (const name of names) {
    const image = await store.images.get(name)
    const given = image.references.filter((reference) => reference === canonical(name))
    const known = saved.get(image.id)?.names ?? []
    saved.set(image.id, { image, names: [...new Set([...known, ...given])] })
  }
  return [...saved.values()]
}

/** An id may be no name at all. */
function canonical(name: string): string | undefined {
  try {
    return formatReference(parseReference(name))
  } catch {
    return undefined
  }
}
