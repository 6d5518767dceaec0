import { parseMoment } from '@gocker/run'

const MILLISECOND = 1_000_000n

/**
 * A moment as docker's --since, --until and `until=` take it, to the millisecond; see {@link parseMoment}.
 * @param now milliseconds since 1970
 * @throws {RunError} `INVALID_OPTION`
 */
export function readMoment(text: string, what: string, now: number = Date.now()): Date {
  return new Date(Number(parseMoment(text, what, BigInt(now) * MILLISECOND) / MILLISECOND))
}
