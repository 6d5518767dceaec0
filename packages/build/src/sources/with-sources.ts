import { rememberedDigests } from '../cache/remembered-digests.ts'
import { type BuildContext, openContext } from '../context/context.ts'
import type { BuildOptions } from '../options.ts'
import { Scratch } from '../stage/scratch.ts'
import { findGockerfile, type GockerfileSource } from './find-gockerfile.ts'
import { givenText, INPUT } from './given-text.ts'

/** What is built: the text, and the files that it may take. */
export interface Sources {
  readonly gockerfile: GockerfileSource
  readonly context: BuildContext
}

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
    const { openSources } = await import('./open-sources.ts')
    return await work(await openSources(options, scratch))
  } finally {
    await scratch.remove()
  }
}

/** A directory of the user's, which is likely to be built again. */
async function withOwnContext<T>(options: BuildOptions, work: (sources: Sources) => Promise<T>): Promise<T> {
  const { context: path, file, store } = options
  const gockerfile = file === INPUT ? await givenText(path, options) : findGockerfile(path, file)
  const context = openContext(path, gockerfile.path)
  const digests = rememberedDigests(store, context.directory)
  try {
    return await work({ gockerfile, context: { ...context, digests, steps: digests } })
  } finally {
    await digests.save()
  }
}
