import { importImage } from '@gocker/pull'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { interruptible } from '../interrupt.ts'
import { type LayerFormatFlag, layerFormatFlag } from '../layer-format-flag.ts'
import { opened } from '../opened.ts'
import { collect } from '../option-values.ts'

interface ImportFlags extends LayerFormatFlag {
  readonly change: readonly string[]
  readonly message?: string
  readonly platform?: string
}

export function define(command: Command): void {
  command
    .argument('<file>', 'a tarball of a root file system, plain, gzip or zstd; - is the standard input')
    .argument('<name>', 'NAME[:TAG] of the image')
    .option('-c, --change <instruction>', "apply an instruction to the image's configuration, such as 'CMD [\"bash\"]'", collect, [])
    .option('-m, --message <text>', "comment for the image's history")
    .option('--platform <os/arch[/variant]>', 'the platform that the files are made for')
    .addOption(layerFormatFlag())
    .addHelpText('after', '\nExample:\n  mmdebstrap --variant=minbase bookworm - | gocker import - debian')
    .action(importTarball)
}

async function importTarball(file: string, reference: string, { change, message, platform, layerFormat }: ImportFlags): Promise<void> {
  const store = await openStore()
  const source = file === '-' ? process.stdin : (await opened(file, 'r')).createReadStream()
  const options = {
    sourceName: file,
    changes: change,
    layerFormat,
    ...(message !== undefined && { message }),
    ...(platform !== undefined && { platform }),
  }
  const image = await interruptible((signal) => importImage({ source, reference, store, signal, ...options }))
  console.log(image.id)
}
