import { invalidOption } from '../error.ts'

/** Nanoseconds. */
const UNITS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1000n,
  µs: 1000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const MILLISECOND = 1_000_000n
const SECOND = 1_000_000_000n
const SPAN_PART = /(\d+)(?:\.(\d{0,18}))?(ns|us|µs|ms|s|m|h)/g
const SPAN = new RegExp(`^([+-]?)((?:${SPAN_PART.source})+)$`)
const UNIX = /^(\d{1,12})(?:\.(\d{1,9}))?$/
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d:\d\d)?$/

/**
 * Reads a moment as docker's `--since` and `--until` take it: a span before now (`10m`, `1h30m`), seconds since 1970 (`1700000000.5`), or a
 * date (`2024-05-06T07:08:09.123456789Z`, or less of it; without a zone it is the local one's).
 * @param what for the error
 * @param now nanoseconds since 1970
 * @returns nanoseconds since 1970
 * @throws {RunError} `INVALID_OPTION`
 * @see https://pkg.go.dev/time#ParseDuration
 */
export function parseLogTime(text: string, what: string, now: bigint = BigInt(Date.now()) * MILLISECOND): bigint {
  const moment = spanBefore(text, now) ?? unixTime(text) ?? dateTime(text)
  if (moment !== undefined) return moment
  throw invalidOption(
    what,
    text,
    'not a time',
    'write a span such as 10m or 1h30m, a date such as 2024-05-06T07:08:09Z, or seconds since 1970',
  )
}

/** As RFC 3339 has it, in UTC, with nine digits of the second. */
export function formatLogTime(time: bigint): string {
  const [seconds] = new Date(Number(time / MILLISECOND)).toISOString().split('.')
  return `${seconds}.${`${time % SECOND}`.padStart(9, '0')}Z`
}

function spanBefore(text: string, now: bigint): bigint | undefined {
  const [, sign, parts = ''] = SPAN.exec(text) ?? []
  if (sign === undefined) return undefined
  let span = 0n
  for (const [, whole = '0', fraction = '', unit = 's'] of parts.matchAll(SPAN_PART)) {
    const size = UNITS[unit] ?? 0n
    span += BigInt(whole) * size + (fraction === '' ? 0n : (BigInt(fraction) * size) / 10n ** BigInt(fraction.length))
  }
  return sign === '-' ? now + span : now - span
}

function unixTime(text: string): bigint | undefined {
  const [, seconds, fraction] = UNIX.exec(text) ?? []
  return seconds === undefined ? undefined : BigInt(seconds) * SECOND + nanoseconds(fraction)
}

function dateTime(text: string): bigint | undefined {
  const [, year, month, day, hour = '00', minute = '00', second = '00', fraction, zone = ''] = DATE.exec(text) ?? []
  if (year === undefined) return undefined
  // What is left out of a day's end or a month's would be carried on into the next: such a day is none.
  const date = new Date(`${year}-${month}-${day}T${hour}:${minute}:${second}${zone}`)
  const isDay = new Date(`${year}-${month}-${day}T00:00:00Z`).getUTCDate() === Number(day)
  return isDay && !Number.isNaN(date.getTime()) ? BigInt(date.getTime()) * MILLISECOND + nanoseconds(fraction) : undefined
}

function nanoseconds(fraction = ''): bigint {
  return BigInt(fraction.padEnd(9, '0'))
}
