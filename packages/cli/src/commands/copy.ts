import { copyImage } from '@gocker/pull'
import { openStore } from '@gocker/store'
import type { Command } from 'commander'
import { type AuthFileFlag, addAuthFileFlag, authEnvironment } from '../auth-file-flag.ts'
import { interruptible } from '../interrupt.ts'
import { pushProgress } from '../terminal/push-progress.ts'

interface CopyFlags extends AuthFileFlag {
  readonly all?: true
  readonly platform?: string
  readonly referrers: boolean
  readonly quiet?: true
  readonly insecure?: true
}

const PLACES = `
Places:
  docker://NAME[:TAG|@DIGEST]   at a registry
  oci:DIRECTORY[:TAG]           an OCI image layout
  oci-archive:FILE[:TAG]        the same as a tar
  docker-archive:FILE[:NAME]    as docker save writes it
  NAME                          an image of gocker's own store

Every digest stays. Signatures, and whatever else refers to the image, go with
it where the place can keep them.

Examples:
  gocker copy docker://debian docker://localhost:5000/debian
  gocker copy --all docker://ghcr.io/owner/image:1.2 oci:images:1.2
  gocker copy oci-archive:image.tar hello`

export function define(command: Command): void {
  command
    .argument('<source>', 'where the image is')
    .argument('<destination>', 'where it is to be')
    .option('-a, --all', 'every platform of an index, and the index itself')
    .option('--platform <os/arch[/variant]>', 'of an index: the platform (default: of this machine)')
    .option('--no-referrers', 'leave signatures and whatever else refers to the image behind')
    .option('-q, --quiet', 'print the digest alone')
    .option('--insecure', 'allow plain http and certificates that cannot be verified')
  addAuthFileFlag(command).addHelpText('after', PLACES).action(copy)
}

async function copy(from: string, to: string, flags: CopyFlags): Promise<void> {
  const { all, platform, insecure, quiet, referrers } = flags
  const store = await openStore()
  const progress = await pushProgress({ quiet: quiet === true })
  const environment = authEnvironment(flags)
  const options = { store, from, to, all, platform, insecure, environment, withoutReferrers: !referrers, onEvent: progress.onEvent }
  try {
    const { digest } = await interruptible((signal) => copyImage({ ...options, signal }))
    progress.stop()
    console.log(digest)
  } finally {
    progress.stop()
  }
}
