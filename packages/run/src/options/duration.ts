import { invalidOption } from '../error.ts'

const NANOSECONDS: Readonly<Record<string, number>> = { ns: 1, us: 1e3, ms: 1e6, s: 1e9, m: 60e9, h: 3600e9 }
const MILLISECOND = 1e6

/**
 * Reads `30s`, `1m30s`, `500ms`, and `0`.
 * @param name for errors: what is so long
 * @returns nanoseconds
 * @throws {RunError} `INVALID_OPTION`; also for less than a millisecond
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string, name = 'duration'): number {
  const normal = text.replaceAll(/[\u00b5\u03bc]s/g, 'us')
  const isDuration = /^((\d+\.?\d*|\.\d+)(ns|us|ms|s|m|h))+$/.test(normal) || normal === '0'
  if (!isDuration) throw invalidOption(name, text, 'not a duration', 'such as 30s or 1m30s')
  const parts = Array.from(normal.matchAll(/([\d.]+)([a-z]+)/g), ([, number, unit = '']) => Number(number) * (NANOSECONDS[unit] ?? 0))
  const total = Math.round(parts.reduce((sum, part) => sum + part, 0))
  if (total > 0 && total < MILLISECOND) throw invalidOption(name, text, 'less than a millisecond')
  return total
}
