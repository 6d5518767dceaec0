import { commitContainer } from '@gocker/build'
import { openStore } from '@gocker/store'
import { type Command, InvalidArgumentError } from 'commander'
import { interruptible } from '../interrupt.ts'
import { collect } from '../option-values.ts'

interface CommitFlags {
  readonly author?: string
  readonly change: readonly string[]
  readonly message?: string
  readonly pause: boolean
}

export function define(command: Command): void {
  command
    .argument('<container>', 'name or id')
    .argument('[name]', 'NAME[:TAG] of the image')
    .option('-a, --author <text>', 'who made it')
    .option(
      '-c, --change <instruction>',
      "an instruction of a Gockerfile for the image's configuration, such as 'CMD [\"bash\"]'",
      collect,
      [],
    )
    .option('-m, --message <text>', "comment for the image's history")
    .option('-p, --pause [yes]', 'let the container stand still meanwhile', readYes, true)
    .addHelpText('after', "\nExample:\n  gocker commit -c 'ENV DEBUG=1' -m 'with tools' web web:debug")
    .action(commit)
}

/** `-p=false` comes with its equals sign. */
function readYes(text: string): boolean {
  if (/^=?(?:true|1)$/.test(text)) return true
  if (/^=?(?:false|0)$/.test(text)) return false
  throw new InvalidArgumentError('neither true nor false')
}

async function commit(container: string, reference: string | undefined, flags: CommitFlags): Promise<void> {
  const { author, change, message, pause } = flags
  const store = await openStore()
  const image = await interruptible((signal) =>
    commitContainer({ store, container, reference, author, message, changes: change, pause, signal }),
  )
  console.log(image.id)
}
