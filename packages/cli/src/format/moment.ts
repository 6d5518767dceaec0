import { FormatError } from './error.ts'

const SECONDS: Readonly<Record<string, number>> = { ms: 0.001, s: 1, m: 60, h: 3600, d: 86_400 }
const SPAN = /^(?:\d+(?:\.\d+)?(?:ms|[smhd]))+$/

/**
 * A moment as docker's --since, --until and `until=` take it: a span before now (`10m`, `1h30m`), seconds since 1970 (`1700000000.5`), or a date
 * (`2024-05-06T07:08:09Z`; without a zone it is the local one's).
 * @throws {FormatError}
 */
export function readMoment(text: string, what: string, now: number = Date.now()): Date {
  if (SPAN.test(text)) return new Date(now - spanOf(text) * 1000)
  if (/^\d+(\.\d+)?$/.test(text)) return new Date(Number(text) * 1000)
  // A date alone would be UTC's to JavaScript, as ECMAScript has it.
  const date = new Date(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00` : text.replace(/(\.\d{3})\d+/, '$1'))
  if (!Number.isNaN(date.getTime())) return date
  throw new FormatError(`reading ${what} ${JSON.stringify(text)}: not a time`, {
    hint: 'write a span such as 10m or 1h30m, a date such as 2024-05-06T07:08:09, or seconds since 1970',
  })
}

function spanOf(text: string): number {
  const parts = text.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)
  return parts.reduce((total, [, count, unit = 's']) => total + Number(count) * (SECONDS[unit] ?? 1), 0)
}
