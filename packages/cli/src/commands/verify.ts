import { text } from 'node:stream/consumers'
import { verifySignatures } from '@gocker/pull'
import { openStore } from '@gocker/store'
import { type Command, InvalidArgumentError } from 'commander'
import { type AuthFileFlag, addAuthFileFlag, authEnvironment } from '../auth-file-flag.ts'
import { interruptible } from '../interrupt.ts'
import { opened } from '../opened.ts'
import { collect } from '../option-values.ts'

interface VerifyFlags extends AuthFileFlag {
  readonly key: string
  readonly annotation: readonly string[]
  readonly anyRepository?: true
  readonly json?: true
  readonly insecure?: true
}

export function define(command: Command): void {
  command
    .argument('<image>', 'NAME[:TAG|@DIGEST] at a registry')
    .requiredOption('--key <file>', "the public key, as cosign's cosign.pub")
    .option('-a, --annotation <key=value>', 'what the signature must say besides', collect, [])
    .option('--any-repository', 'also a signature that was made for another repository, as that of a copy is')
    .option('--json', 'print what the signatures say')
    .option('--insecure', 'allow plain http and certificates that cannot be verified')
  addAuthFileFlag(command)
    .addHelpText(
      'after',
      '\nPrints the image by its digest, for which the signature holds.\n\nExample:\n  gocker run $(gocker verify --key cosign.pub ghcr.io/owner/image:1.2)',
    )
    .action(verify)
}

async function verify(reference: string, flags: VerifyFlags): Promise<void> {
  const { key, annotation, anyRepository, insecure, json } = flags
  const annotations = Object.fromEntries(annotation.map(pairOf))
  const publicKey = await contentOf(key)
  const options = {
    store: await openStore(),
    reference,
    publicKey,
    annotations,
    anyRepository,
    insecure,
    environment: authEnvironment(flags),
  }
  const { name, payloads } = await interruptible((signal) => verifySignatures({ ...options, signal }))
  console.log(json === true ? JSON.stringify(payloads, undefined, 2) : name)
}

async function contentOf(path: string): Promise<string> {
  await using file = await opened(path, 'r')
  return await text(file.createReadStream({ autoClose: false }))
}

function pairOf(word: string): [string, string] {
  const [, key, value] = /^([^=]+)=(.*)$/s.exec(word) ?? []
  if (key !== undefined && value !== undefined) return [key, value]
  throw new InvalidArgumentError(`--annotation ${JSON.stringify(word)}: not KEY=VALUE`)
}
