import { existsSync, writeFileSync } from 'node:fs'
import { choosePlatform, parsePlatform } from '@gocker/oci'
import { type Container, createContainer, explain, RunError } from '@gocker/run'
import { openStore, type Store, type StoredImage } from '@gocker/store'
import { type Command, Option } from 'commander'
import { attach } from '../attach.ts'
import { caller } from '../caller.ts'
import { addContainerFlags, type ContainerFlags, containerOptions } from '../container-flags.ts'
import { interruptible } from '../interrupt.ts'

interface RunFlags extends ContainerFlags {
  readonly pull: 'always' | 'missing' | 'never'
  readonly platform?: string
  readonly insecure?: true
  readonly cidfile?: string
  readonly explain?: true
  readonly detach?: true
}

export function define(command: Command): void {
  command
    .argument('<image>', 'name or id of an image; pulled when it is missing')
    .argument('[command...]', "instead of the image's command")
    .passThroughOptions()
    .helpOption('--help', 'show this help')
    .addOption(new Option('--pull <when>', 'when to ask the registry').choices(['always', 'missing', 'never']).default('missing'))
    .option('--platform <os/arch[/variant]>', 'the platform, where the image is made for several')
    .option('--insecure', 'allow plain http and certificates that cannot be verified when pulling')
    .option('--cidfile <file>', "write the container's id to a file that is not there yet")
    .option('-d, --detach', 'let it run in the background, and print its id')
    .option('--explain', 'print the system calls that would make the container, and run nothing')
  addContainerFlags(command)
  command
    .addHelpText(
      'after',
      '\nExamples:\n  gocker run --rm -it debian bash\n  gocker run --rm --memory 64m --cpus 0.5 --pids-limit 50 debian ps',
    )
    .action(runImage)
}

async function runImage(name: string, words: readonly string[], flags: RunFlags): Promise<void> {
  const requested = containerOptions(flags)
  refuseWhatCannotStart(flags)
  const store = await openStore()
  const image = await imageFor(name, store, flags)
  const options = { ...requested, store, image, imageName: name, ...(words.length > 0 && { command: words }) }
  if (flags.explain === true) {
    process.stdout.write(await explain(options))
    return
  }
  const container = await createContainer(options)
  try {
    if (flags.cidfile !== undefined) writeFileSync(flags.cidfile, container.id, { flag: 'wx' })
  } catch (error) {
    await container.remove()
    throw error
  }
  if (flags.detach === true) {
    await startDetached(container, store)
    return
  }
  process.exitCode = await attach(container, {
    keepsStdin: requested.stdin === true,
    hasTerminal: requested.tty === true,
    remove: requested.remove === true,
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

/** @throws {RunError} `INVALID_OPTION` for what would fail only when the container is there */
function refuseWhatCannotStart({ tty, interactive, detach, cidfile, explain }: RunFlags): void {
  if (explain === true) return
  // Before anything is pulled in vain.
  if (process.getuid?.() !== 0)
    throw new RunError('NEEDS_ROOT', `running a container as user ${process.getuid?.()}: only root can`, {
      hint: 'try it with sudo, or see with --explain what it would do',
    })
  if (tty === true && interactive === true && detach !== true && !process.stdin.isTTY)
    throw new RunError('INVALID_OPTION', 'lending the terminal to the container: the input device is not a TTY', {
      hint: 'leave out -t where gocker reads from a pipe or a file',
    })
  if (cidfile !== undefined && existsSync(cidfile))
    throw new RunError('INVALID_OPTION', `writing the container's id to ${cidfile}: the file is there already`, {
      hint: 'it may be of another container; remove it, or choose another name',
    })
}

/** Loads the puller only when something has to be pulled: most runs need no registry. */
async function imageFor(name: string, store: Store, { pull: when, platform, insecure }: RunFlags): Promise<StoredImage> {
  const here = when === 'always' ? undefined : await store.images.find(name)
  if (here !== undefined && isFor(here, platform)) return here
  if (when === 'never') return ofPlatform(await store.images.get(name), platform)
  const [{ pull }, { pullProgress }] = await Promise.all([import('@gocker/pull'), import('../terminal/pull-progress.ts')])
  process.stderr.write(`${name} is not here yet${platform === undefined ? '' : ` for ${platform}`}: pulling it\n`)
  const progress = await pullProgress({ quiet: false })
  const options = {
    store,
    ...(platform !== undefined && { platform }),
    ...(insecure !== undefined && { insecure }),
    onEvent: progress.onEvent,
  }
  return await interruptible((signal) => pull(name, { ...options, signal })).finally(() => progress.stop())
}

/** @throws {OciError} `NO_MATCHING_PLATFORM` */
function ofPlatform(image: StoredImage, platform: string | undefined): StoredImage {
  if (platform !== undefined) choosePlatform([{ platform: image.config }], parsePlatform(platform))
  return image
}

function isFor({ config }: StoredImage, text: string | undefined): boolean {
  if (text === undefined) return true
  const { os, architecture, variant } = parsePlatform(text)
  return os === config.os && architecture === config.architecture && (variant === undefined || variant === config.variant)
}
