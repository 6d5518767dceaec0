import { readFile, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { BuildError } from '../error.ts'
import { directoryTree } from './directory-tree.ts'
import { type IgnorePatterns, parseIgnorePatterns } from './ignore-patterns.ts'
import type { SourceTree } from './tree.ts'

/** The directory whose files COPY and ADD may take. */
export interface BuildContext {
  readonly directory: string
  /** Without what the ignore file leaves out. */
  readonly tree: SourceTree
}

/**
 * Opens a context directory with its ignore file: `<Gockerfile>.dockerignore` (or `.gockerignore`) beside the Gockerfile,
 * else `.gockerignore`, else `.dockerignore` in the context.
 * @throws {BuildError} `NO_CONTEXT`
 */
export async function openContext(path: string, gockerfile: string): Promise<BuildContext> {
  const directory = resolve(path)
  const isDirectory = await stat(directory).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  if (!isDirectory) throw new BuildError('NO_CONTEXT', `opening context ${path}: it is not a directory`)
  const names = [
    `${gockerfile}.gockerignore`,
    `${gockerfile}.dockerignore`,
    join(directory, '.gockerignore'),
    join(directory, '.dockerignore'),
  ]
  const patterns = parseIgnorePatterns((await firstText(names)) ?? '')
  return { directory, tree: filteredTree(directoryTree(directory), patterns) }
}

function filteredTree(tree: SourceTree, patterns: IgnorePatterns): SourceTree {
  const isHidden = (path: string) => path !== '' && patterns.excludes(path)
  const hasVisible = (path: string): boolean => {
    if (!isHidden(path)) return true
    if (tree.entry(path)?.type !== 'directory' || !patterns.mayIncludeBelow(path)) return false
    return tree.names(path).some((name) => hasVisible(`${path}/${name}`))
  }
  return {
    entry: (path) => (path === '' || hasVisible(path) ? tree.entry(path) : undefined),
    names: (directory) => tree.names(directory).filter((name) => hasVisible(directory === '' ? name : `${directory}/${name}`)),
  }
}

async function firstText(paths: readonly string[]): Promise<string | undefined> {
  for (const path of paths) {
    const text = await readFile(path, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    if (text !== undefined) return text
  }
  return undefined
}
