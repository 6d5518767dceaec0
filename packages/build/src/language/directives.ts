import { BuildError } from '../error.ts'

/**
 * What the comments at the very top say to the parser.
 * @see https://docs.docker.com/reference/dockerfile/#parser-directives
 */
export interface Directives {
  /** The character that joins lines and takes away a character's meaning. */
  readonly escape: '\\' | '`'
  readonly syntax?: string
  readonly check?: string
}

const DIRECTIVE = /^\s*#\s*([A-Za-z][A-Za-z0-9]*)\s*=\s*(\S.*?)\s*$/
const KNOWN = ['escape', 'syntax', 'check']

/**
 * Reads the directives before the first line that is none; a `#!` line above them is passed over.
 * @throws {BuildError} `SYNTAX` for one given twice and for an escape that is neither `\` nor a backtick
 */
export function readDirectives(lines: readonly string[], file: string): Directives {
  const found = new Map<string, string>()
  for (const [index, line] of lines.entries()) {
    if (index === 0 && line.startsWith('#!')) continue
    const [, name = '', value = ''] = DIRECTIVE.exec(line) ?? []
    const key = name.toLowerCase()
    if (!KNOWN.includes(key)) break
    const at = { file, line: index + 1, column: line.indexOf('#') + 1 }
    if (found.has(key)) throw new BuildError('SYNTAX', `parser directive ${key}: given twice`, { at })
    if (key === 'escape' && value !== '\\' && value !== '`')
      throw new BuildError('SYNTAX', `parser directive escape: ${JSON.stringify(value)} is neither a backslash nor a backtick`, { at })
    found.set(key, value)
  }
  return { escape: '\\', ...(Object.fromEntries(found) as Partial<Directives>) }
}
