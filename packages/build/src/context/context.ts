import { readFileSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { BuildError } from '../error.ts'
import { directoryTree } from './directory-tree.ts'
import { filteredTree } from './filtered-tree.ts'
import type { FileDigests } from './fingerprint.ts'
import { type IgnorePatterns, parseIgnorePatterns } from './ignore-patterns.ts'
import type { StepMemory } from './step-memory.ts'
import type { SourceTree } from './tree.ts'

/** The directory whose files COPY and ADD may take. */
export interface BuildContext {
  readonly directory: string
  /** Without what the ignore file leaves out. */
  readonly tree: SourceTree
  /** Of the ignore file. */
  readonly patterns: IgnorePatterns
  /** What is known of its files' contents from earlier builds. */
  readonly digests?: FileDigests
  readonly steps?: StepMemory
}

/**
 * Opens a context directory with its ignore file: `<Gockerfile>.dockerignore` (or `.gockerignore`) beside the Gockerfile,
 * else `.gockerignore`, else `.dockerignore` in the context.
 * @throws {BuildError} `NO_CONTEXT`; `SYNTAX` for an ignore file that cannot be read as patterns
 */
export function openContext(path: string, gockerfile: string): BuildContext {
  const directory = resolve(path)
  if (!isDirectory(directory)) throw new BuildError('NO_CONTEXT', `opening context ${path}: it is not a directory`)
  const patterns = readPatterns(directory, gockerfile)
  return { directory, tree: filteredTree(directoryTree(directory), patterns), patterns }
}

function isDirectory(path: string): boolean {
  try {
    return statSync(path).isDirectory()
  } catch {
    return false
  }
}

function readPatterns(directory: string, gockerfile: string): IgnorePatterns {
  const ownNames = [`${gockerfile}.gockerignore`, `${gockerfile}.dockerignore`]
  for (const file of [...ownNames, join(directory, '.gockerignore'), join(directory, '.dockerignore')]) {
    const text = textOf(file)
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

function textOf(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return undefined
    throw error
  }
}
