import { invalidOption } from '../error.ts'

const NANOSECONDS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
  d: 86_400_000_000_000n,
}
const MILLISECOND = 1e6
const DURATION = /^(?:(?:\d+\.?\d{0,18}|\.\d{1,18})(?:ns|us|ms|s|m|h|d))+$/

/**
 * Reads `30s`, `1m30s`, `500ms`, and `0`.
 * @param name for errors: what is so long
 * @returns nanoseconds
 * @throws {RunError} `INVALID_OPTION`; also for less than a millisecond
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseDuration(text: string, name = 'duration'): number {
  // Go's durations end at hours.
  const duration = text === '0' ? 0n : text.includes('d') ? undefined : durationIn(text)
  if (duration === undefined) throw invalidOption(name, text, 'not a duration', 'such as 30s or 1m30s')
  const total = Number(duration)
  if (total > 0 && total < MILLISECOND) throw invalidOption(name, text, 'less than a millisecond')
  return total
}

/** Go's durations, and days. @returns nanoseconds; undefined for what is no duration, and for one with a sign */
export function durationIn(text: string): bigint | undefined {
  const normal = text.replaceAll(/[\u00b5\u03bc]s/g, 'us')
  if (!DURATION.test(normal)) return undefined
  const parts = normal.matchAll(/(\d*)\.?(\d*)([a-z]+)/g)
  return parts.reduce((total, [, whole, fraction = '', unit = '']) => {
    const size = NANOSECONDS[unit] ?? 0n
    return total + BigInt(whole || '0') * size + (fraction === '' ? 0n : (BigInt(fraction) * size) / 10n ** BigInt(fraction.length))
  }, 0n)
}
