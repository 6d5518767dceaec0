import { familiarReference, parseReference } from '@gocker/oci'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { forEachNamed } from '../for-each-named.ts'

export function define(command: Command): void {
  command
    .argument('<image...>', 'names or ids')
    .option('-f, --force', 'also when a container uses it, or an id has several names')
    .addHelpText('after', '\nExample:\n  gocker rmi hello debian:bookworm')
    .action(removeImages)
}

async function removeImages(names: readonly string[], { force = false }: { force?: boolean }): Promise<void> {
  const store = await openStore()
  await forEachNamed(names, async (name) => {
    const { untagged, deleted } = await store.images.remove(name, { force })
    for (const reference of untagged) console.log(`Untagged: ${familiarReference(parseReference(reference))}`)
    for (const digest of deleted) console.log(`Deleted: ${digest}`)
  })
}
