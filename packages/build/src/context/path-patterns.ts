import { BuildError } from '../error.ts'

/** Whether a pattern names more than the one path that it is written like. */
export function hasWildcards(pattern: string): boolean {
  return /(?<!\\)(?:\\\\)*[*?[]/.test(pattern)
}

/**
 * One name, as Go's filepath.Match has it: `*`, `?`, `[a-z]`, `[^a-z]`, `\x`.
 * @throws {BuildError} `SYNTAX` for a pattern that is none
 * @see https://pkg.go.dev/path/filepath#Match
 */
export function nameExpression(pattern: string): RegExp {
  return expressionOf(pattern, pattern, (token) => (token.startsWith('*') ? '[^/]*' : undefined))
}

/**
 * A path of an ignore file: as {@link nameExpression} within each name, and `**` is any number of directories.
 * @throws {BuildError} `SYNTAX` for a pattern that is none
 * @see https://docs.docker.com/build/concepts/context/#dockerignore-files
 */
export function pathExpression(pattern: string): RegExp {
  const suffix = pattern.slice(2)
  // `**.txt` is whatever ends so; everywhere else `**` stands for whole names.
  if (pattern.startsWith('**') && suffix !== '' && !suffix.startsWith('/') && !/[*?[\\]/.test(suffix))
    return new RegExp(`^.*${literal(suffix)}$`, 's')
  return expressionOf(pattern, pattern, (token, isLast) => {
    if (token.startsWith('**')) return isLast ? '.*' : '(?:.*/)?'
    return token === '*' ? '[^/]*' : undefined
  })
}

const TOKEN = /\*+\/?|\[\^?(?:\\[\s\S]|[^\]\\])+\]|\\[\s\S]|[\s\S]/gu

function expressionOf(pattern: string, shown: string, star: (token: string, isLast: boolean) => string | undefined): RegExp {
  try {
    const source = pattern.replace(TOKEN, (token, offset: number) => {
      if (!token.startsWith('*')) return tokenSource(token)
      // A slash behind stars belongs to `**` alone.
      const own = token.startsWith('**') ? token : token.slice(0, 1)
      const isLast = offset + token.length === pattern.length
      return (star(own, isLast) ?? '') + (own === token ? '' : token.slice(1))
    })
    return new RegExp(`^${source}$`, 'su')
  } catch (cause) {
    throw new BuildError('SYNTAX', `pattern ${JSON.stringify(shown)}: it is not well formed`, { cause, hint: 'write \\[ for a bracket' })
  }
}

function tokenSource(token: string): string {
  if (token === '?') return '[^/]'
  if (token === '[' || token === '\\') throw new SyntaxError('an open bracket, or a backslash before nothing')
  if (token.startsWith('[')) return classSource(token)
  return literal(token.startsWith('\\') ? token.slice(1) : token)
}

/** In a class only `^` at its beginning, `-` and `\x` mean something. */
function classSource(token: string): string {
  const [, not = '', inside = ''] = /^\[(\^?)([\s\S]*)\]$/.exec(token) ?? []
  const members = inside.replace(/\\([\s\S])|[[\]^&|~]/gu, (member, escaped: string | undefined) => {
    const character = escaped ?? member
    return /[\\\]^[\-&|~]/.test(character) ? `\\${character}` : character
  })
  return `[${not}${members}]`
}

function literal(text: string): string {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&')
}
