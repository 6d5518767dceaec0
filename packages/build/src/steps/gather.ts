import type { Digest } from '@gocker/oci'
import type { BuildContext } from '../context/context.ts'
import { filteredTree } from '../context/filtered-tree.ts'
import { fingerprint } from '../context/fingerprint.ts'
import { type IgnorePatterns, ignorePatterns } from '../context/ignore-patterns.ts'
import { hasWildcards } from '../context/path-patterns.ts'
import { type Selected, select } from '../context/select.ts'
import { selectWithParents } from '../context/select-with-parents.ts'
import { type SourceTree, walk } from '../context/tree.ts'
import { treeVersion } from '../context/tree-version.ts'
import type { CopyItem, CopySource } from '../copy/copy-job.ts'
import { BuildError } from '../error.ts'
import type { StageInstruction } from '../language/gockerfile.ts'

/** Where COPY and ADD take files from. */
export interface SourceFiles {
  readonly tree: SourceTree
  readonly roots: readonly string[]
  /** Which root holds a path of the tree. */
  readonly rootOf: (path: string) => number
  readonly owners: CopySource['owners']
}

export interface Selection {
  /** Paths and patterns, variables replaced. */
  readonly patterns: readonly string[]
  readonly parents: boolean
  readonly excludes: readonly string[]
}

function contextFiles({ directory, tree }: BuildContext): SourceFiles {
  return { tree, roots: [directory], rootOf: () => 0, owners: 'root' }
}

/** Sources of the context. */
export interface ContextSources {
  /** What they are, as one digest. */
  readonly fingerprint: Digest
  /** The files, for whoever has to copy them. */
  readonly sources: () => readonly CopySource[]
}

/**
 * Finds what is named of the context. Where nothing has changed since a build before, no file is listed for it.
 * @throws {BuildError} as {@link gather}
 */
export function contextSources(context: BuildContext, selection: Selection, instruction: StageInstruction): ContextSources {
  const { directory, digests } = context
  let found: readonly CopySource[] | undefined
  const sources = () => {
    found ??= gather(contextFiles(context), selection, instruction)
    return found
  }
  const version = digests === undefined ? undefined : versionOf(context, selection)
  const known = version === undefined ? undefined : digests?.fingerprintOf(version)
  if (known !== undefined) return { fingerprint: known, sources }
  const entries = sources().flatMap(({ items }) => items.map(({ entry }) => entry))
  const made = fingerprint(directory, entries, digests)
  if (version !== undefined) digests?.remember(version, made, entries)
  return { fingerprint: made, sources }
}

/** Where it is easily said which files are meant. */
function versionOf({ directory, tree, patterns }: BuildContext, selection: Selection): string | undefined {
  if (selection.parents || selection.excludes.length > 0 || patterns.hasExceptions) return undefined
  try {
    const selected = selection.patterns.flatMap((pattern) => select(tree, pattern))
    return treeVersion(
      directory,
      selected.map(({ path }) => path),
      patterns,
    )
  } catch (error) {
    // A pattern that is none is refused where the files are gathered.
    if (error instanceof BuildError) return undefined
    throw error
  }
}

/**
 * Finds what the sources name; a pattern may name nothing, a path may not.
 * @throws {BuildError} `NO_SOURCE`; `SYNTAX` for a pattern that is none
 */
export function gather(files: SourceFiles, selection: Selection, instruction: StageInstruction): CopySource[] {
  try {
    const excludes = ignorePatterns(selection.excludes)
    const find = selection.parents ? sourcesWithParents : sources
    return selection.patterns.flatMap((pattern) => find(files, pattern, excludes) ?? missing(pattern, instruction))
  } catch (cause) {
    if (!(cause instanceof BuildError) || cause.at !== undefined) throw cause
    throw new BuildError(cause.code, `${instruction.kind}: ${cause.message}`, { at: instruction.at, cause, hint: cause.hint })
  }
}

function missing(pattern: string, { kind, at }: StageInstruction): never {
  throw new BuildError('NO_SOURCE', `${kind}: ${pattern} is not there`, {
    at,
    hint: 'paths are relative to the context; an ignore file may leave it out',
  })
}

function sources(files: SourceFiles, pattern: string, excludes: IgnorePatterns): CopySource[] | undefined {
  const selected = select(files.tree, pattern)
  if (selected.length === 0 && !hasWildcards(pattern)) return undefined
  return selected
    .filter(({ path, name }) => isDirectory(files, path) || !excludes.excludes(name))
    .map((each) => source(files, each, excludes))
}

function source(files: SourceFiles, { path, name }: Selected, excludes: IgnorePatterns): CopySource {
  const above = path === '' ? 0 : path.length + 1
  const items = walk(filteredTree(files.tree, excludes, path), path).map((entry) => ({
    entry,
    root: files.rootOf(entry.path),
    below: entry.path.slice(above),
  }))
  return { name, items, owners: files.owners }
}

function sourcesWithParents(files: SourceFiles, pattern: string, excludes: IgnorePatterns): CopySource[] | undefined {
  return selectWithParents(files.tree, pattern, excludes)?.map(({ base, entries }) => {
    const above = base === '' ? 0 : base.length + 1
    const itemOf = (path: string) => ({ root: files.rootOf(path), below: path.slice(above) })
    const first = files.tree.entry(base)
    const held: CopyItem[] = entries.map(({ entry, implied }) => ({ entry, implied, ...itemOf(entry.path) }))
    return { name: '', owners: files.owners, items: first === undefined ? [] : [{ entry: first, ...itemOf(base) }, ...held] }
  })
}

function isDirectory({ tree }: SourceFiles, path: string): boolean {
  return tree.entry(path)?.type === 'directory'
}
