import type { IgnorePatterns } from './ignore-patterns.ts'
import type { SourceTree } from './tree.ts'

/**
 * A tree without what the patterns leave out. A directory that is left out shows where something below it is wanted again.
 * @param base the patterns are relative to this directory, and say nothing of what is not below it
 */
export function filteredTree(tree: SourceTree, patterns: IgnorePatterns, base = ''): SourceTree {
  if (patterns.isEmpty) return tree
  const above = base === '' ? '' : `${base}/`
  const isBelow = (path: string) => path.length > above.length && path.startsWith(above)
  const isVisible = (path: string): boolean => {
    if (!isBelow(path)) return true
    const relative = path.slice(above.length)
    if (!patterns.excludes(relative)) return true
    if (tree.entry(path)?.type !== 'directory' || !patterns.mayIncludeBelow(relative)) return false
    return tree.names(path).some((name) => isVisible(`${path}/${name}`))
  }
  return {
    entry: (path) => (isVisible(path) ? tree.entry(path) : undefined),
    names: (directory) => tree.names(directory).filter((name) => isVisible(directory === '' ? name : `${directory}/${name}`)),
  }
}
