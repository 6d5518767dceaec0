/** Which paths of a context are left out. */
export interface IgnorePatterns {
  /** Whether a path (with /, relative to the context) is left out, by itself or with a directory above it. */
  excludes(path: string): boolean
  /** Whether something below an excluded directory may be wanted again: there is a `!` pattern that could match. */
  mayIncludeBelow(directory: string): boolean
}

interface Pattern {
  readonly wants: boolean
  readonly expression: RegExp
  /** The components before the first wildcard: below them the pattern may match. */
  readonly fixed: readonly string[]
}

/**
 * Reads an ignore file: one pattern a line, the last one that matches wins, `!` takes back.
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function parseIgnorePatterns(text: string): IgnorePatterns {
  return ignorePatterns(
    text
      .replace(/^\uFEFF/, '')
      .split(/\r?\n/)
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#')),
  )
}

/** The same of patterns already apart, as COPY --exclude has them. */
export function ignorePatterns(lines: readonly string[]): IgnorePatterns {
  const patterns = lines.map(patternOf).filter((pattern) => pattern !== undefined)
  const matches = (path: string) => {
    const paths = withParents(path)
    return patterns.reduce((excluded, { wants, expression }) => (paths.some((path) => expression.test(path)) ? !wants : excluded), false)
  }
  const mayIncludeBelow = (directory: string) => {
    const components = directory.split('/')
    return patterns.some(
      ({ wants, fixed }) => wants && fixed.every((name, index) => components[index] === undefined || components[index] === name),
    )
  }
  return { excludes: matches, mayIncludeBelow }
}

function patternOf(line: string): Pattern | undefined {
  const wants = line.startsWith('!')
  const path = cleanPath(wants ? line.slice(1).trim() : line)
  if (path === '') return undefined
  const components = path.split('/')
  const wildcard = components.findIndex((component) => /[*?[\\]/.test(component))
  return { wants, expression: pathExpression(path), fixed: wildcard < 0 ? components : components.slice(0, wildcard) }
}

/** Without `.`, `..` within the context, and slashes that mean nothing. */
function cleanPath(path: string): string {
  const kept: string[] = []
  for (const component of path.split('/')) {
    if (component === '..') kept.pop()
    else if (component !== '' && component !== '.') kept.push(component)
  }
  return kept.join('/')
}

function withParents(path: string): string[] {
  const components = path.split('/')
  return components.map((_, index) => components.slice(0, index + 1).join('/'))
}

/** `**` is any number of directories, `*` and `?` stay within one name, `[a-z]` and `\x` as in Go's filepath.Match. */
export function pathExpression(pattern: string): RegExp {
  const source = pattern.replace(/\*\*\/|\*\*|\[(?:\\.|[^\]\\])+\]|\\.|[\s\S]/gu, (token) => {
    if (token === '**/') return '(?:.*/)?'
    if (token === '**') return '.*'
    if (token === '*') return '[^/]*'
    if (token === '?') return '[^/]'
    if (token.startsWith('[') && token.length > 1) return token
    return (token.length > 1 && token.startsWith('\\') ? token.slice(1) : token).replace(/[\\^$.*+?()[\]{}|/-]/u, '\\$&')
  })
  return new RegExp(`^${source}$`, 's')
}
