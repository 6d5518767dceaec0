import { familiarReference, parseReference } from '@gocker/oci'
import { loadImages } from '@gocker/pull'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { type LayerFormatFlag, layerFormatFlag } from '../layer-format-flag.ts'
import { opened } from '../opened.ts'

interface LoadFlags extends LayerFormatFlag {
  readonly input?: string
  readonly platform?: string
  readonly quiet?: true
}

export function define(command: Command): void {
  command
    .option('-i, --input <file>', 'the archive (default: the standard input)')
    .option('--platform <os/arch[/variant]>', 'the platform, where an image is there for several')
    .option('-q, --quiet', 'print nothing')
    .addOption(layerFormatFlag())
    .addHelpText('after', '\nExamples:\n  gocker load -i hello.tar\n  docker save debian | gocker load')
    .action(load)
}

async function load({ input, platform, layerFormat, quiet }: LoadFlags): Promise<void> {
  if (input === undefined && process.stdin.isTTY)
    throw new Error('reading an archive: the standard input is a terminal; name it with -i FILE')
  const store = await openStore()
  const source = input === undefined ? process.stdin : (await opened(input, 'r')).createReadStream()
  const images = await interruptible((signal) => loadImages({ store, source, platform, layerFormat, signal }))
  if (quiet === true) return
  for (const { image, names } of images) {
    for (const name of names) console.log(`Loaded image: ${familiarReference(parseReference(name))}`)
    if (names.length === 0) console.log(`Loaded image ID: ${image.id}`)
  }
}
