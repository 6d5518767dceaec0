import { ownSettings, parseCompression, pushImage } from '@gocker/pull'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { type AuthFileFlag, addAuthFileFlag, authEnvironment } from '../auth-file-flag.ts'
import { interruptible } from '../interrupt.ts'
import { pushProgress } from '../terminal/push-progress.ts'

interface PushFlags extends AuthFileFlag {
  readonly compression?: string
  readonly quiet?: true
  readonly insecure?: true
}

export function define(command: Command): void {
  command
    .argument('<name>', 'NAME[:TAG] of an image here; Docker Hub unless it begins with a registry')
    .option(
      '--compression <way>',
      'of the layers that are plain: gzip or zstd, with :LEVEL after it (default: gzip, or as gocker.toml says)',
    )
    .option('-q, --quiet', "print the manifest's digest alone")
    .option('--insecure', 'allow plain http and certificates that cannot be verified')
  addAuthFileFlag(command)
    .addHelpText('after', '\nExamples:\n  gocker push ghcr.io/owner/image:1.2\n  gocker push --compression zstd:9 localhost:5000/hello')
    .action(push)
}

async function push(reference: string, { compression, quiet, insecure, ...flags }: PushFlags): Promise<void> {
  const way = parseCompression(compression ?? (await ownSettings(process.env)).compression ?? 'gzip')
  const store = await openStore()
  const progress = await pushProgress({ quiet: quiet === true })
  try {
    const pushed = await interruptible((signal) =>
      pushImage({ store, reference, compression: way, insecure, environment: authEnvironment(flags), signal, onEvent: progress.onEvent }),
    )
    progress.stop()
    console.log(pushed.digest)
  } finally {
    progress.stop()
  }
}
