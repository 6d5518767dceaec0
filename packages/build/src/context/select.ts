import { pathExpression } from './ignore-patterns.ts'
import type { SourceTree } from './tree.ts'

/** What one source of COPY or ADD comes to. */
export interface Selected {
  /** In the tree, symlinks resolved. */
  readonly path: string
  /** The last name as it was written or matched: what the file is called in a destination directory. */
  readonly name: string
  /** As it was written or matched, without resolving: for --parents. */
  readonly written: string
}

const MAX_SYMLINKS = 40

/** The paths that `pattern` (Go's filepath.Match in each component) names in the tree, sorted; none when nothing matches. */
export function select(tree: SourceTree, pattern: string): Selected[] {
  const components = pattern.split('/').filter((component) => component !== '' && component !== '.')
  return matching(tree, inRoot(components)).flatMap((written) => {
    const path = resolveLinks(tree, written)
    return path === undefined ? [] : [{ path, name: written.split('/').at(-1) ?? '', written }]
  })
}

/** `..` never leads out of the tree. */
function inRoot(components: readonly string[]): string[] {
  const kept: string[] = []
  for (const component of components) {
    if (component === '..') kept.pop()
    else kept.push(component)
  }
  return kept
}

function matching(tree: SourceTree, components: readonly string[]): string[] {
  let found = ['']
  for (const component of components) found = found.flatMap((directory) => step(tree, directory, component))
  return found
}

function step(tree: SourceTree, directory: string, component: string): string[] {
  const join = (name: string) => (directory === '' ? name : `${directory}/${name}`)
  const real = resolveLinks(tree, directory)
  if (real === undefined || tree.entry(real)?.type !== 'directory') return []
  if (!/[*?[\\]/.test(component)) return tree.entry(real === '' ? component : `${real}/${component}`) === undefined ? [] : [join(component)]
  const expression = pathExpression(component)
  return tree
    .names(real)
    .filter((name) => expression.test(name))
    .map(join)
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
