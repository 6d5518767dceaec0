// The micro sign (U+00B5) and the Greek letter (U+03BC) look alike, and both are taken.
const UNITS: Record<string, number> = { ns: 1, us: 1e3, '\u00b5s': 1e3, '\u03bcs': 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }

/** Go's durations, `1m30s`, `1.5h`, `0`, in nanoseconds; `undefined` when the text is none. */
export function nanoseconds(text: string): number | undefined {
  if (text === '0') return 0
  const [, sign, body = ''] = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+)$/.exec(text) ?? []
  if (body === '') return undefined
  const parts = body.matchAll(/([\d.]+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g)
  const total = Array.from(parts, ([, number, unit = '']) => Number(number) * (UNITS[unit] ?? 0)).reduce((sum, part) => sum + part, 0)
  return Math.round(sign === '-' ? -total : total)
}
