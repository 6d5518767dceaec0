import { filteredTree } from './filtered-tree.ts'
import type { IgnorePatterns } from './ignore-patterns.ts'
import { hasWildcards, pathExpression } from './path-patterns.ts'
import { componentsOf, select } from './select.ts'
import { type SourceTree, type TreeEntry, walk } from './tree.ts'

/** Files that keep the directories above them. */
export interface SelectedWithParents {
  /** The directory that the paths kept begin below. */
  readonly base: string
  /** Parents before children. */
  readonly entries: readonly { readonly entry: TreeEntry /** Only there to hold what was asked for. */; readonly implied: boolean }[]
}

/**
 * What a source of COPY --parents comes to; `/./` says where the directories that are kept begin, and `**` is any number of directories.
 * @param excludes what is left out; relative to where the paths kept begin
 * @returns one for each directory that the part before `/./` names; `undefined` when a path without wildcards is not there
 * @throws {BuildError} `SYNTAX` for a pattern that is none
 * @see https://docs.docker.com/reference/dockerfile/#copy---parents
 */
export function selectWithParents(tree: SourceTree, source: string, excludes: IgnorePatterns): SelectedWithParents[] | undefined {
  const pivot = source.indexOf('/./')
  const before = pivot < 0 ? '' : source.slice(0, pivot)
  const pattern = componentsOf(pivot < 0 ? source : source.slice(pivot + 3)).join('/')
  const selected = select(tree, before).map(({ path }) => ({
    base: path,
    entries: entriesBelow(filteredTree(tree, excludes, path), path, pattern),
  }))
  const isEmpty = selected.every(({ entries }) => entries.length === 0)
  return isEmpty && pattern !== '' && !hasWildcards(before) && !hasWildcards(pattern) ? undefined : selected
}

function entriesBelow(tree: SourceTree, base: string, pattern: string): SelectedWithParents['entries'] {
  const matches = pattern === '' ? () => true : matcherOf(pathExpression(pattern))
  const relative = (path: string) => (base === '' ? path : path.slice(base.length + 1))
  const all = candidates(tree, base, pattern)
  const wanted = new Set(all.filter(({ path }) => matches(relative(path))).map(({ path }) => path))
  const parents = new Set([...wanted].flatMap((path) => parentsOf(path)))
  return all.filter(({ path }) => wanted.has(path) || parents.has(path)).map((entry) => ({ entry, implied: !wanted.has(entry.path) }))
}

/** What may match: all below the names that the pattern begins with, and those themselves. No symlink is followed. */
function candidates(tree: SourceTree, base: string, pattern: string): TreeEntry[] {
  const above: TreeEntry[] = []
  let start = base
  for (const name of pattern.split('/').filter((name) => name !== '')) {
    if (/[*?[\\]/.test(name)) break
    if (tree.entry(start)?.type !== 'directory') return []
    start = start === '' ? name : `${start}/${name}`
    const entry = tree.entry(start)
    if (entry === undefined) return []
    above.push(entry)
  }
  return [...above, ...walk(tree, start).slice(1)]
}

/** With a directory all below it is meant. */
function matcherOf(expression: RegExp): (path: string) => boolean {
  return (path) => [path, ...parentsOf(path)].some((each) => expression.test(each))
}

function parentsOf(path: string): string[] {
  const names = path.split('/')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))
}
