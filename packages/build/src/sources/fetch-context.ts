import { chmodSync, lstatSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { downloadFile } from '@gocker/pull'
import { removeTree } from '@gocker/store'
import { checkOut, resolveCommit } from '../add/git.ts'
import { type GitSource, remoteSource, withoutCredentials } from '../add/remote-source.ts'
import { directoryTree } from '../context/directory-tree.ts'
import { resolveLinks } from '../context/select.ts'
import { BuildError } from '../error.ts'
import { clampTimes } from '../stage/clamp-times.ts'
import type { Scratch } from '../stage/scratch.ts'

export type FetchedContext =
  | { readonly kind: 'file'; readonly path: string; readonly shown: string }
  | { readonly kind: 'directory'; readonly directory: string }

/**
 * Fetches a context: a git repository's commit, or a file, which may be an archive or a Gockerfile.
 * @throws {BuildError} `NO_CONTEXT`; the signal's reason
 */
export async function fetchContext(address: string, scratch: Scratch, signal: AbortSignal): Promise<FetchedContext> {
  const shown = withoutCredentials(address)
  try {
    const remote = remoteSource(address)
    if (remote?.kind === 'git') return { kind: 'directory', directory: await fetchRepository(remote.git, scratch, signal) }
    if (remote === undefined) throw new Error('only git repositories, and http and https, are known')
    const directory = await scratch.directory()
    return { kind: 'file', path: join(directory, (await downloadFile(remote.url, { directory, signal })).name), shown }
  } catch (cause) {
    signal.throwIfAborted()
    throw new BuildError('NO_CONTEXT', `opening context ${shown}: ${(cause as Error).message}`, { cause })
  }
}

/** Its files have the commit's time, and the modes that git knows: equal commits are equal contexts. */
async function fetchRepository(git: GitSource, scratch: Scratch, signal: AbortSignal): Promise<string> {
  const directory = join(await scratch.directory(), 'checkout')
  const commit = await resolveCommit(git, signal)
  const seconds = await checkOut(git, { commit, directory, signal })
  if (git.keepGitDir !== true) await removeTree(join(directory, '.git'))
  setModes(directory)
  clampTimes(directory, seconds)
  const tree = directoryTree(directory)
  const path = resolveLinks(tree, git.directory)
  if (path !== undefined && tree.entry(path)?.type === 'directory') return join(directory, path)
  throw new Error(`there is no directory ${git.directory} at ${commit}`)
}

function setModes(path: string): void {
  const stats = lstatSync(path)
  if (stats.isDirectory()) for (const name of readdirSync(path)) setModes(join(path, name))
  if (stats.isDirectory() || stats.isFile()) chmodSync(path, stats.isDirectory() || (stats.mode & 0o100) !== 0 ? 0o755 : 0o644)
}
