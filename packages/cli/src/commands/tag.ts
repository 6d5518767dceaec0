import { parseReference } from '@gocker/oci'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'

export function define(command: Command): void {
  command
    .argument('<source>', 'name or id of an image')
    .argument('<target>', 'NAME[:TAG], the name it gets')
    .addHelpText('after', '\nExample:\n  gocker tag debian localhost:5000/base:1')
    .action(tagImage)
}

async function tagImage(source: string, target: string): Promise<void> {
  if (parseReference(target).digest !== undefined)
    throw new Error(`tagging ${source}: ${target} has a digest, and a name that is given has none`)
  const store = await openStore()
  const image = await store.images.get(source)
  await store.images.tag(target, image.descriptor)
}
