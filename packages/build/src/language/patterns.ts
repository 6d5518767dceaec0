import { BuildError } from '../error.ts'

/** Whether `*` takes as much as it can, or as little. */
export interface Bounds {
  readonly greedy: boolean
}

/**
 * A shell's pattern (`*`, `?`, `\x`; no brackets) as a regular expression.
 * @param anchor where the match must begin or end
 * @throws {BuildError} `SYNTAX` for a backslash before what needs none
 */
function patternToRegExp(pattern: string, { greedy, flags = '', anchor }: Bounds & { flags?: string; anchor?: 'start' | 'whole' }): RegExp {
  const source = pattern.replace(/\\([\s\S]?)|[\s\S]/gu, (token, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(checkedEscape(escaped, pattern))
    if (token === '*') return greedy ? '[^\\n]*' : '[^\\n]*?'
    return token === '?' ? '[^\\n]' : literal(token)
  })
  const [before, after] = anchor === 'whole' ? ['^(?:', ')$'] : anchor === 'start' ? ['^(?:', ')'] : ['', '']
  return new RegExp(`${before}${source}${after}`, `u${flags}`)
}

/** `value` without the shortest (or, greedy, the longest) beginning that `pattern` matches. */
export function trimPrefix(value: string, pattern: string, bounds: Bounds): string {
  return value.replace(patternToRegExp(pattern, { ...bounds, anchor: 'start' }), '')
}

/** `value` without the shortest (or, greedy, the longest) end that `pattern` matches. */
export function trimSuffix(value: string, pattern: string, { greedy }: Bounds): string {
  const whole = patternToRegExp(pattern, { greedy: true, anchor: 'whole' })
  const starts = Array.from({ length: value.length + 1 }, (_, index) => (greedy ? index : value.length - index))
  const start = starts.find((index) => whole.test(value.slice(index)))
  return start === undefined ? value : value.slice(0, start)
}

/** `value` with what `pattern` matches, the first time or each time, made `replacement`. */
export function replaceMatches(
  value: string,
  pattern: string,
  { replacement, everywhere }: { replacement: string; everywhere: boolean },
): string {
  const expression = patternToRegExp(pattern, { greedy: true, flags: everywhere ? 'g' : '' })
  let end = -1
  return value.replace(expression, (match, offset: number) => {
    // `*` matches the end once more, as nothing: what has just been replaced is not replaced again.
    if (match === '' && offset === end) return ''
    end = offset + match.length
    return replacement
  })
}

function checkedEscape(character: string, pattern: string): string {
  if (['*', '?', '\\', '}', '/'].includes(character)) return character
  throw new BuildError('SYNTAX', `pattern ${JSON.stringify(pattern)}: a backslash takes the meaning of * ? \\ } and / alone`)
}

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
}
