import { invalidOption } from '../error.ts'
import { durationIn } from './duration.ts'

const MILLISECOND = 1_000_000n
const SECOND = 1_000_000_000n
const UNIX = /^(\d{1,12})(?:\.(\d{1,9}))?$/
const DATE = /^(\d{4})-(\d\d)-(\d\d)(?:T(\d\d)(?::(\d\d)(?::(\d\d)(?:\.(\d{1,9}))?)?)?)?(Z|[+-]\d\d:\d\d)?$/

/**
 * Reads a moment as docker's `--since` and `--until` take it: a span before now (`10m`, `1h30m`), seconds since 1970 (`1700000000.5`), or a
 * date (`2024-05-06T07:08:09.123456789Z`, or less of it; without a zone it is the local one's).
 * @param what for the error
 * @param now nanoseconds since 1970
 * @returns nanoseconds since 1970
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseMoment(text: string, what: string, now: bigint = BigInt(Date.now()) * MILLISECOND): bigint {
  const moment = spanBefore(text, now) ?? unixTime(text) ?? dateTime(text)
  if (moment !== undefined) return moment
  throw invalidOption(
    what,
    text,
    'not a time',
    'write a span such as 10m or 1h30m, a date such as 2024-05-06T07:08:09Z, or seconds since 1970',
  )
}

function spanBefore(text: string, now: bigint): bigint | undefined {
  const isAfter = text.startsWith('-')
  const span = durationIn(text.replace(/^[+-]/, ''))
  if (span === undefined) return undefined
  return isAfter ? now + span : now - span
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
