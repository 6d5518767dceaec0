import { isAbsolute } from 'node:path'
import { type CopiedFiles, type CopyOptions, copyFromContainer, copyToContainer } from '@gocker/pull'
import { openStore } from '@gocker/store'
import { type Command, InvalidArgumentError } from 'commander'
import { interruptible } from '../interrupt.ts'
import { writeTar } from '../tar-output.ts'
import { size } from '../terminal/amounts.ts'

interface CpFlags {
  readonly archive?: true
  readonly followLink?: true
  readonly quiet?: true
}

type Options = Omit<CopyOptions, 'container' | 'path'>

export function define(command: Command): void {
  command
    .usage('[options] CONTAINER:SRC DST|-\n       gocker cp [options] SRC|- CONTAINER:DST')
    .argument('<source>', 'CONTAINER:PATH, a path of this machine, or - for a tar on stdin')
    .argument('<destination>', 'a path of this machine, - for a tar on stdout, or CONTAINER:PATH')
    .option('-a, --archive', 'let files keep their owners (default: yours here, root in the container)')
    .option('-L, --follow-link', 'copy what a symlink leads to where the source is one')
    .option('-q, --quiet', 'say nothing of what was copied')
    .addHelpText(
      'after',
      `
A directory is copied with its name into one that is there, and becomes one
that is not; SRC/. copies what is in it.

Examples:
  gocker cp db:/var/log/postgresql .
  gocker cp nginx.conf web:/etc/nginx/
  gocker cp db:/data - | tar t`,
    )
    .action(copy)
}

async function copy(source: string, destination: string, flags: CpFlags): Promise<void> {
  const [from, to] = [inContainer(source), inContainer(destination)]
  const store = await openStore()
  const copied = await interruptible(async (signal) => {
    const options = { store, keepOwners: flags.archive === true, follow: flags.followLink === true, signal }
    if (from !== undefined && to === undefined) return await copyOut(destination, { ...options, ...from })
    if (to !== undefined && from === undefined) return await copyIn(source, { ...options, ...to })
    throw wrongSides(from !== undefined)
  })
  const isTold = flags.quiet !== true && source !== '-' && destination !== '-'
  if (isTold) process.stderr.write(`Successfully copied ${size(copied.size)} to ${destination}\n`)
}

interface InContainer {
  readonly container: string
  readonly path: string
}

/** As docker reads it: what begins with / or . is a path of this machine, a colon in it or not. */
function inContainer(text: string): InContainer | undefined {
  const colon = text.indexOf(':')
  if (colon < 1 || text.startsWith('.') || isAbsolute(text)) return undefined
  return { container: text.slice(0, colon), path: text.slice(colon + 1) }
}

function wrongSides(areBoth: boolean): InvalidArgumentError {
  return new InvalidArgumentError(
    areBoth
      ? 'copying between containers: write to a tar and read it: gocker cp A:PATH - | gocker cp - B:PATH'
      : 'copying: neither side is in a container: write CONTAINER:PATH for one of them',
  )
}

async function copyIn(source: string, options: Options & InContainer): Promise<CopiedFiles> {
  if (source === '-' && process.stdin.isTTY) throw new Error('reading a tar: stdin is a terminal')
  return await copyToContainer({ ...options, source: source === '-' ? process.stdin : source })
}

async function copyOut(destination: string, options: Options & InContainer): Promise<CopiedFiles> {
  if (destination !== '-') return await copyFromContainer({ ...options, destination })
  let copied: CopiedFiles = { size: 0, entries: 0 }
  await writeTar(undefined, async (sink) => {
    copied = await copyFromContainer({ ...options, destination: sink })
  })
  return copied
}
