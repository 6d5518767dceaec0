import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BuildError } from '../error.ts'
import { directoryTree } from './directory-tree.ts'
import { filteredTree } from './filtered-tree.ts'
import type { FileDigests } from './fingerprint.ts'
import { type IgnorePatterns, parseIgnorePatterns } from './ignore-patterns.ts'
import type { SourceTree } from './tree.ts'

/** The directory whose files COPY and ADD may take. */
export interface BuildContext {
  readonly directory: string
  /** Without what the ignore file leaves out. */
  readonly tree: SourceTree
  /** What is known of its files' contents from earlier builds. */
  readonly digests?: FileDigests
}

/**
 * Opens a context directory with its ignore file: `<Gockerfile>.dockerignore` (or `.gockerignore`) beside the Gockerfile,
 * else `.gockerignore`, else `.dockerignore` in the context.
 * @throws {BuildError} `NO_CONTEXT`; `SYNTAX` for an ignore file that cannot be read as patterns
 */
export async function openContext(path: string, gockerfile: string): Promise<BuildContext> {
  const directory = resolve(path)
  const isDirectory = await stat(directory).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  if (!isDirectory) throw new BuildError('NO_CONTEXT', `opening context ${path}: it is not a directory`)
  return { directory, tree: filteredTree(directoryTree(directory), await readPatterns(directory, gockerfile)) }
}

async function readPatterns(directory: string, gockerfile: string): Promise<IgnorePatterns> {
  const ownNames = [`${gockerfile}.gockerignore`, `${gockerfile}.dockerignore`]
  for (const file of [...ownNames, join(directory, '.gockerignore'), join(directory, '.dockerignore')]) {
    const text = await textOf(file)
    if (text === undefined) continue
    try {
      return parseIgnorePatterns(text)
    } catch (cause) {
      if (!(cause instanceof BuildError)) throw cause
      throw new BuildError(cause.code, `reading ${file}: ${cause.message}`, { cause, hint: cause.hint })
    }
  }
  return parseIgnorePatterns('')
}

async function textOf(path: string): Promise<string | undefined> {
  return await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
    throw error
  })
}
