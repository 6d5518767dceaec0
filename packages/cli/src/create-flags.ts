import { existsSync, writeFileSync } from 'node:fs'
import { type Container, createContainer, RunError } from '@gocker/run'
import type { Store } from '@gocker/store'
import { type Command, Option } from 'commander'
import type { RequestedContainer } from './container-flag-table.ts'
import { addContainerFlags } from './container-flags.ts'
import type { ContainerFlags } from './container-options.ts'
import { bringMountedImages, type ImageFlags, imageFor } from './image-for.ts'

/** What `run` and `create` take. */
export interface CreateFlags extends ContainerFlags, ImageFlags {
  readonly cidfile?: string
}

export function addCreateFlags(command: Command, words: readonly string[]): void {
  command
    .argument('<image>', 'name or id of an image; pulled when it is missing')
    .argument('[command...]', "instead of the image's command")
    .passThroughOptions()
    .helpOption('--help', 'show this help')
    .addOption(new Option('--pull <when>', 'when to ask the registry').choices(['always', 'missing', 'never']).default('missing'))
    .option('--platform <os/arch[/variant]>', 'the platform, where the image is made for several')
    .option('--insecure', 'allow plain http and certificates that cannot be verified when pulling')
    .option('--cidfile <file>', "write the container's id to a file that is not there yet")
  addContainerFlags(command, words)
}

/**
 * Before anything is pulled in vain.
 * @throws {RunError} `INVALID_OPTION` for what would fail only when the container is there
 */
export function refuseWhatCannotBe(
  { tty, interactive, rm, restart, cidfile }: CreateFlags,
  { lendsTerminal }: { readonly lendsTerminal: boolean },
): void {
  if (tty === true && interactive === true && lendsTerminal && !process.stdin.isTTY)
    throw new RunError('INVALID_OPTION', 'lending the terminal to the container: the input device is not a TTY', {
      hint: 'leave out -t where gocker reads from a pipe or a file',
    })
  if (rm === true && restart !== undefined && restart !== 'no')
    throw new RunError('INVALID_OPTION', 'conflicting options: --rm lets the container go when it ends, --restart starts it again')
  if (cidfile !== undefined && existsSync(cidfile))
    throw new RunError('INVALID_OPTION', `writing the container's id to ${cidfile}: the file is there already`, {
      hint: 'it may be of another container; remove it, or choose another name',
    })
}

export interface Requested {
  readonly store: Store
  /** Of the image. */
  readonly name: string
  /** The command. */
  readonly words: readonly string[]
  readonly flags: CreateFlags
  readonly requested: RequestedContainer
}

/** Nothing is left of it when that fails. */
export async function createNamed({ store, name, words, flags, requested }: Requested): Promise<Container> {
  const image = await imageFor(name, store, flags)
  await bringMountedImages(requested, store, flags)
  const container = await createContainer({ ...requested, store, image, imageName: name, ...(words.length > 0 && { command: words }) })
  try {
    if (flags.cidfile !== undefined) writeFileSync(flags.cidfile, container.id, { flag: 'wx' })
  } catch (error) {
    await container.remove()
    throw error
  }
  return container
}
