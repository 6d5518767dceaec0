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
  const all = [...walk(tree, base)].slice(1)
  const relative = (path: string) => (base === '' ? path : path.slice(base.length + 1))
  const wanted = new Set(all.filter(({ path }) => matches(relative(path))).map(({ path }) => path))
  const parents = new Set([...wanted].flatMap((path) => parentsOf(path)))
  return all.filter(({ path }) => wanted.has(path) || parents.has(path)).map((entry) => ({ entry, implied: !wanted.has(entry.path) }))
}

/** With a directory all below it is meant. */
function matcherOf(expression: RegExp): (path: string) => boolean {
  return (path) => [path, ...parentsOf(path)].some((each) => expression.test(each))
}

function parentsOf(path: string): string[] {
  const names = path.split('/')
  return names.slice(1).map((_, index) => names.slice(0, index + 1).join('/'))
}
