import { pull } from '@gocker/pull'
import { openStore, recordEvent } from '@gocker/store'
import { type Command, Option } from 'commander'
import { type AuthFileFlag, addAuthFileFlag, authEnvironment } from '../auth-file-flag.ts'
import { interruptible } from '../interrupt.ts'
import { type LayerFormatFlag, layerFormatFlag } from '../layer-format-flag.ts'
import { pullProgress } from '../terminal/pull-progress.ts'

interface PullFlags extends AuthFileFlag, LayerFormatFlag {
  readonly platform?: string
  readonly quiet?: true
  readonly insecure?: true
  readonly discardBlobs?: true
  readonly keepBlobs?: true
}

export function define(command: Command): void {
  command
    .argument('<image>', 'NAME[:TAG|@DIGEST]; Docker Hub unless the name begins with a registry')
    .option('--platform <os/arch[/variant]>', 'the platform, where the image is made for several')
    .option('-q, --quiet', "print the image's digest alone")
    .option('--insecure', 'allow plain http and certificates that cannot be verified')
    .addOption(layerFormatFlag())
    .option('--discard-blobs', 'keep layers unpacked alone: less room, no push elsewhere')
    .addOption(new Option('--keep-blobs', 'keep layers as they travel, too: the default').conflicts('discardBlobs'))
  addAuthFileFlag(command)
    .addHelpText('after', '\nExamples:\n  gocker pull debian\n  gocker pull --platform linux/arm64 ghcr.io/owner/image:1.2')
    .action(pullImage)
}

async function pullImage(name: string, flags: PullFlags): Promise<void> {
  const store = await openStore()
  const progress = await pullProgress({ quiet: flags.quiet === true })
  try {
    const image = await interruptible((signal) =>
      pull(name, {
        store,
        ...platformAndTrust(flags),
        layerFormat: flags.layerFormat,
        ...(flags.keepBlobs === true && { discardBlobs: false }),
        ...(flags.discardBlobs === true && { discardBlobs: true }),
        environment: authEnvironment(flags),
        signal,
        onEvent: progress.onEvent,
      }),
    )
    progress.stop()
    await recordEvent(store, { type: 'image', action: 'pull', id: image.id, attributes: { name } })
    if (flags.quiet !== true) process.stderr.write(`${name}: pulled, image ${image.id}\n`)
    console.log(image.descriptor.digest)
  } finally {
    progress.stop()
  }
}

function platformAndTrust({ platform, insecure }: PullFlags) {
  return { ...(platform !== undefined && { platform }), ...(insecure !== undefined && { insecure }) }
}
