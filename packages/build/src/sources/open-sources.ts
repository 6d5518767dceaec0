import { createWriteStream } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { archivePacking, unpackArchive } from '../add/archive.ts'
import { openContext } from '../context/context.ts'
import { BuildError } from '../error.ts'
import type { BuildOptions } from '../options.ts'
import type { Scratch } from '../stage/scratch.ts'
import { fetchContext } from './fetch-context.ts'
import { findGockerfileWithin, type GockerfileSource } from './find-gockerfile.ts'
import { givenText, INPUT } from './given-text.ts'
import type { Sources } from './with-sources.ts'

/** Opens a context that is no directory of the user's. */
export async function openSources(options: BuildOptions, scratch: Scratch): Promise<Sources> {
  const { context, file } = options
  if (context === INPUT) return await openFile(await inputFile(options, scratch), { shown: 'stdin', file, scratch, options })
  const fetched = await fetchContext(context, scratch, signalOf(options))
  if (fetched.kind === 'file') return await openFile(fetched.path, { shown: fetched.shown, file, scratch, options })
  const { directory } = fetched
  return within(directory, file === INPUT ? await givenText(directory, options) : findGockerfileWithin(directory, file))
}

function within(directory: string, gockerfile: GockerfileSource): Sources {
  return { gockerfile, context: openContext(directory, gockerfile.path) }
}

interface GivenFile {
  readonly shown: string
  readonly file: string | undefined
  readonly scratch: Scratch
  readonly options: BuildOptions
}

/** An archive is a context; any other file is a Gockerfile, and has none. */
async function openFile(path: string, { shown, file, scratch, options }: GivenFile): Promise<Sources> {
  const packing = await archivePacking(path)
  const directory = await scratch.directory()
  if (packing !== undefined) {
    await unpackArchive(path, { packing, directory, signal: signalOf(options) })
    return within(directory, file === INPUT ? await givenText(directory, options) : findGockerfileWithin(directory, file))
  }
  if (file !== undefined) throw new BuildError('NO_CONTEXT', `opening the context: ${shown} is no archive in which ${file} could be`)
  return within(directory, { path: join(directory, 'Gockerfile'), name: shown, text: await textOf(path, shown) })
}

async function textOf(path: string, shown: string): Promise<string> {
  const text = await readFile(path, 'utf8')
  if (text.trim() !== '') return text
  throw new BuildError('NO_GOCKERFILE', `reading the Gockerfile: ${shown} is empty`)
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
