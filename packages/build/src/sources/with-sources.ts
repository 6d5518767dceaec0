import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { rememberedDigests } from '../cache/remembered-digests.ts'
import { type BuildContext, openContext } from '../context/context.ts'
import { BuildError } from '../error.ts'
import type { BuildOptions } from '../options.ts'
import { Scratch } from '../stage/scratch.ts'
import { findGockerfile, findGockerfileWithin, type GockerfileSource } from './find-gockerfile.ts'

/** What is built: the text, and the files that it may take. */
export interface Sources {
  readonly gockerfile: GockerfileSource
  readonly context: BuildContext
}

/** How a context, or a Gockerfile, says that it is what `input` brings. */
const INPUT = '-'
/** `https://...`, `git@host:...` */
const REMOTE = /^(?:[a-z+]+:\/\/|[\w.-]+@[\w.-]+:)/i

/**
 * Finds the Gockerfile and the context, fetched and unpacked where they are not on this machine; what was, is removed after `work`.
 * @throws {BuildError} `NO_GOCKERFILE`, `NO_CONTEXT`, `INVALID_OPTION`; what `work` throws
 * @see https://docs.docker.com/build/concepts/context/
 */
export async function withSources<T>(options: BuildOptions, work: (sources: Sources) => Promise<T>): Promise<T> {
  if (options.context !== INPUT && !REMOTE.test(options.context)) return await withOwnContext(options, work)
  const scratch = new Scratch(options.store)
  try {
    return await work(await open(options, scratch))
  } finally {
    await scratch.remove()
  }
}

/** A directory of the user's, which is likely to be built again. */
async function withOwnContext<T>(options: BuildOptions, work: (sources: Sources) => Promise<T>): Promise<T> {
  const { context: path, file, store } = options
  const { gockerfile, context } = await within(path, file === INPUT ? await givenText(path, options) : await findGockerfile(path, file))
  const digests = rememberedDigests(store, context.directory)
  try {
    return await work({ gockerfile, context: { ...context, digests } })
  } finally {
    await digests.save()
  }
}

async function open(options: BuildOptions, scratch: Scratch): Promise<Sources> {
  const { context, file } = options
  if (context === INPUT) return await openFile(await inputFile(options, scratch), { shown: 'stdin', file, scratch, options })
  const { fetchContext } = await import('./fetch-context.ts')
  const fetched = await fetchContext(context, scratch, signalOf(options))
  if (fetched.kind === 'file') return await openFile(fetched.path, { shown: fetched.shown, file, scratch, options })
  const { directory } = fetched
  return await within(directory, file === INPUT ? await givenText(directory, options) : await findGockerfileWithin(directory, file))
}

async function within(directory: string, gockerfile: GockerfileSource): Promise<Sources> {
  return { gockerfile, context: await openContext(directory, gockerfile.path) }
}

interface GivenFile {
  readonly shown: string
  readonly file: string | undefined
  readonly scratch: Scratch
  readonly options: BuildOptions
}

/** An archive is a context; any other file is a Gockerfile, and has none. */
async function openFile(path: string, { shown, file, scratch, options }: GivenFile): Promise<Sources> {
  const { archivePacking, unpackArchive } = await import('../add/archive.ts')
  const packing = await archivePacking(path)
  const directory = await scratch.directory()
  if (packing !== undefined) {
    await unpackArchive(path, { packing, directory, signal: signalOf(options) })
    return await within(directory, file === INPUT ? await givenText(directory, options) : await findGockerfileWithin(directory, file))
  }
  if (file !== undefined) throw new BuildError('NO_CONTEXT', `opening the context: ${shown} is no archive in which ${file} could be`)
  return await within(directory, { path: join(directory, 'Gockerfile'), name: shown, text: await textOf(path, shown) })
}

async function textOf(path: string, shown: string): Promise<string> {
  const text = await readFile(path, 'utf8')
  if (text.trim() !== '') return text
  throw new BuildError('NO_GOCKERFILE', `reading the Gockerfile: ${shown} is empty`)
}

async function givenText(directory: string, { context, input }: BuildOptions): Promise<GockerfileSource> {
  if (context === INPUT)
    throw new BuildError('INVALID_OPTION', 'reading the Gockerfile: the context and the Gockerfile cannot both be stdin')
  const chunks: Uint8Array[] = []
  for await (const chunk of input ?? []) chunks.push(chunk)
  return { path: join(directory, INPUT), name: 'stdin', text: Buffer.concat(chunks).toString() }
}

async function inputFile({ input, file, signal }: BuildOptions, scratch: Scratch): Promise<string> {
  if (file === INPUT) throw new BuildError('INVALID_OPTION', 'opening the context: the context and the Gockerfile cannot both be stdin')
  const path = join(await scratch.directory(), 'input')
  await pipeline(Readable.from(input ?? []), createWriteStream(path, { mode: 0o600 }), signal === undefined ? {} : { signal })
  return path
}

function signalOf({ signal }: BuildOptions): AbortSignal {
  return signal ?? new AbortController().signal
}
