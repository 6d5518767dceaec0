import { type Container, RunError } from '@gocker/run'
import { openStore, type Store } from '@gocker/store'
import type { Command } from 'commander'
import { attach } from '../attach.ts'
import { caller } from '../caller.ts'
import type { RequestedContainer } from '../container-flag-table.ts'
import { containerOptions } from '../container-options.ts'
import { addCreateFlags, type CreateFlags, createNamed, refuseWhatCannotBe } from '../create-flags.ts'
import { bringMountedImages, imageFor } from '../image-for.ts'

interface RunFlags extends CreateFlags {
  readonly explain?: true
  readonly detach?: true
}

export function define(command: Command, words: readonly string[]): void {
  command
    .option('-d, --detach', 'let it run in the background, and print its id')
    .option('--explain', 'print the system calls that would make the container, and run nothing')
  addCreateFlags(command, words)
  command
    .addHelpText(
      'after',
      '\nExamples:\n  gocker run --rm -it debian bash\n  gocker run -d --name web --restart on-failure:3 debian sleep infinity\n  gocker run --rm --memory 64m --cpus 0.5 --pids-limit 50 debian ps',
    )
    .action(runImage)
}

async function runImage(name: string, words: readonly string[], flags: RunFlags): Promise<void> {
  if (flags.explain === true) {
    await explainIt(name, words, flags)
    return
  }
  const isDetached = flags.detach === true
  refuseWhatCannotBe(flags, { lendsTerminal: !isDetached })
  const requested = containerOptions(flags)
  if (!isDetached) refuseWhatNeedsMonitor(requested)
  const store = await openStore()
  const container = await createNamed({ store, name, words, flags, requested })
  if (isDetached) await startDetached(container, store)
  else
    process.exitCode = await attach(container, {
      keepsStdin: requested.stdin === true,
      hasTerminal: requested.tty === true,
      remove: requested.remove === true,
    })
}

async function explainIt(name: string, words: readonly string[], flags: RunFlags): Promise<void> {
  const requested = containerOptions(flags)
  const store = await openStore()
  const image = await imageFor(name, store, flags)
  await bringMountedImages(requested, store, flags)
  const options = { ...requested, store, image, imageName: name, ...(words.length > 0 && { command: words }) }
  const { explain } = await import('@gocker/run')
  process.stdout.write(await explain(options, flags.detach === true ? { caller: caller(store) } : {}))
}

/** @throws {RunError} `INVALID_OPTION` for what only a container in the background can have */
function refuseWhatNeedsMonitor({ restart }: RequestedContainer): void {
  if (restart !== undefined && restart.name !== 'no')
    throw new RunError('INVALID_OPTION', `starting the container again (--restart ${restart.name}): it ends with this gocker`, {
      hint: 'let it run in the background with -d',
    })
}

async function startDetached(container: Container, store: Store): Promise<void> {
  try {
    await container.startDetached({ caller: caller(store) })
  } catch (error) {
    await container.remove()
    throw error
  }
  console.log(container.id)
}
