import { posix } from 'node:path'
import { pathExpression } from './path-patterns.ts'

/** Which paths of a context are left out. */
export interface IgnorePatterns {
  /** Nothing is left out. */
  readonly isEmpty: boolean
  /** A `!` takes back what another pattern leaves out. */
  readonly hasExceptions: boolean
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
 * @throws {BuildError} `SYNTAX` for a pattern that is none
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function parseIgnorePatterns(text: string): IgnorePatterns {
  const lines = text.replace(/^\uFEFF/, '').split('\n')
  return ignorePatterns(lines.filter((line) => !line.startsWith('#')))
}

/** The same of patterns already apart, as COPY --exclude has them. */
export function ignorePatterns(lines: readonly string[]): IgnorePatterns {
  const patterns = lines.map((line) => patternOf(line.trim())).filter((pattern) => pattern !== undefined)
  return {
    isEmpty: patterns.length === 0,
    hasExceptions: patterns.some(({ wants }) => wants),
    excludes(path) {
      const paths = withParents(path)
      return patterns.reduce((excluded, { wants, expression }) => (paths.some((path) => expression.test(path)) ? !wants : excluded), false)
    },
    mayIncludeBelow(directory) {
      const names = directory.split('/')
      return patterns.some(({ wants, fixed }) => wants && fixed.every((name, index) => names[index] === undefined || names[index] === name))
    },
  }
}

function patternOf(line: string): Pattern | undefined {
  const wants = line.startsWith('!')
  const path = cleanPath(wants ? line.slice(1).trim() : line)
  if (path === '') return undefined
  const components = path.split('/')
  const wildcard = components.findIndex((component) => /[*?[\\]/.test(component))
  return { wants, expression: pathExpression(path), fixed: wildcard < 0 ? components : components.slice(0, wildcard) }
}

/** Without `.`, `..` and slashes that mean nothing. What leads out of the context matches nothing in it. */
function cleanPath(path: string): string {
  const clean = posix.normalize(path).replace(/^\/+|\/+$/g, '')
  return clean === '.' ? '' : clean
}

function withParents(path: string): string[] {
  const components = path.split('/')
  return components.map((_, index) => components.slice(0, index + 1).join('/'))
}
