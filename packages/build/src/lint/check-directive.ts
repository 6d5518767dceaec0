import { BuildError } from '../error.ts'
import type { Location } from '../language/location.ts'

/**
 * What `# check=skip=A,B;error=true` asks for.
 * @see https://docs.docker.com/reference/dockerfile/#check
 */
export interface CheckDirective {
  /** Names of rules; `all` is every rule. */
  readonly skip: ReadonlySet<string>
  /** A warning ends the build. */
  readonly error: boolean
}

/**
 * Reads the directive's value; none asks for nothing.
 * @throws {BuildError} `SYNTAX`
 */
export function parseCheckDirective(value = '', at?: Location): CheckDirective {
  const settings = value.split(';').filter((part) => part.trim() !== '')
  const directive = { skip: new Set<string>(), error: false }
  for (const setting of settings) {
    const [, name = '', given = ''] = /^\s*([^=\s]*)\s*=\s*(.*?)\s*$/.exec(setting) ?? []
    if (name === 'skip') for (const rule of given.split(',')) directive.skip.add(rule.trim())
    else if (name === 'error' && /^(?:true|false)$/i.test(given)) directive.error = given.toLowerCase() === 'true'
    else if (name !== 'experimental') throw unreadable(setting, at)
  }
  return directive
}

/** `experimental` turns on rules that are not among ours. */
function unreadable(setting: string, at?: Location): BuildError {
  return new BuildError('SYNTAX', `parser directive check: ${JSON.stringify(setting.trim())} cannot be read`, {
    ...(at !== undefined && { at }),
    hint: 'write it as # check=skip=RuleName,OtherRule;error=true',
  })
}
