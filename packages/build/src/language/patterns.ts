/** Whether `*` takes as much as it can, or as little. */
export interface Bounds {
  readonly greedy: boolean
}

/**
 * A shell's pattern (`*`, `?`, `\x`; no brackets) as a regular expression.
 * @param anchor where the match must begin or end
 */
export function patternToRegExp(
  pattern: string,
  { greedy, flags = '', anchor }: Bounds & { flags?: string; anchor?: 'start' | 'whole' },
): RegExp {
  const source = pattern.replace(/\\([\s\S])|[\s\S]/gu, (token, escaped: string | undefined) => {
    if (escaped !== undefined) return literal(escaped)
    if (token === '*') return greedy ? '.*' : '.*?'
    return token === '?' ? '.' : literal(token)
  })
  const [before, after] = anchor === 'whole' ? ['^(?:', ')$'] : anchor === 'start' ? ['^(?:', ')'] : ['', '']
  return new RegExp(`${before}${source}${after}`, `su${flags}`)
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

function literal(character: string): string {
  return character.replace(/[\\^$.*+?()[\]{}|/]/, '\\$&')
}
