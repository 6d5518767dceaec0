import { hasWildcards, nameExpression } from './path-patterns.ts'
import type { SourceTree } from './tree.ts'

/** What one source of COPY or ADD comes to. */
export interface Selected {
  /** In the tree, symlinks resolved. */
  readonly path: string
  /** The last name as it was written or matched: what the file is called in a destination directory. */
  readonly name: string
}

const MAX_SYMLINKS = 40

/**
 * The paths that `pattern` (Go's filepath.Match in each component) names in the tree, sorted; none when nothing matches.
 * Symlinks are followed in what is written, not in what a wildcard stands for, but for the last name.
 * @throws {BuildError} `SYNTAX` for a pattern that is none
 */
export function select(tree: SourceTree, pattern: string): Selected[] {
  return matching(tree, componentsOf(pattern)).flatMap(({ real, name }) => {
    const path = resolveLinks(tree, real)
    return path === undefined ? [] : [{ path, name }]
  })
}

/** The names of a path; `..` never leads out of the tree. */
export function componentsOf(path: string): string[] {
  const kept: string[] = []
  for (const component of path.split('/')) {
    if (component === '..') kept.pop()
    else if (component !== '' && component !== '.') kept.push(component)
  }
  return kept
}

interface Match {
  /** No symlink in it but the last name. */
  readonly real: string
  readonly name: string
}

function matching(tree: SourceTree, components: readonly string[]): Match[] {
  const firstWildcard = components.findIndex(hasWildcards)
  let found: Match[] = [{ real: '', name: '' }]
  for (const [depth, component] of components.entries()) {
    const isMatched = firstWildcard >= 0 && depth > firstWildcard
    found = found.flatMap(({ real }) => step(tree, isMatched ? real : resolveLinks(tree, real), component))
  }
  return found
}

function step(tree: SourceTree, directory: string | undefined, component: string): Match[] {
  if (directory === undefined || tree.entry(directory)?.type !== 'directory') return []
  return namesOf(tree, directory, component).map((name) => ({ real: directory === '' ? name : `${directory}/${name}`, name }))
}

function namesOf(tree: SourceTree, directory: string, component: string): string[] {
  if (hasWildcards(component)) {
    const expression = nameExpression(component)
    return tree.names(directory).filter((name) => expression.test(name))
  }
  const name = component.replace(/\\([\s\S])/g, '$1')
  return tree.entry(directory === '' ? name : `${directory}/${name}`) === undefined ? [] : [name]
}

/** Follows every symlink of `path`, the last component's too, within the tree; `undefined` when it leads nowhere. */
export function resolveLinks(tree: SourceTree, path: string): string | undefined {
  let resolved: string[] = []
  const rest = path.split('/').filter((component) => component !== '')
  for (let links = 0; rest.length > 0; ) {
    const component = rest.shift() ?? ''
    if (component === '.') continue
    if (component === '..') {
      resolved.pop()
      continue
    }
    const next = [...resolved, component].join('/')
    const entry = tree.entry(next)
    if (entry === undefined || links > MAX_SYMLINKS) return undefined
    if (entry.type !== 'symlink') {
      resolved.push(component)
      continue
    }
    links++
    const target = entry.target ?? ''
    if (target.startsWith('/')) resolved = []
    rest.unshift(...target.split('/').filter((component) => component !== ''))
  }
  return resolved.join('/')
}
