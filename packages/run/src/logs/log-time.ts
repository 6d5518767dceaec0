const MILLISECOND = 1_000_000n
const SECOND = 1_000_000_000n

/** As RFC 3339 has it, in UTC, with nine digits of the second. */
export function formatLogTime(time: bigint): string {
  const [seconds] = new Date(Number(time / MILLISECOND)).toISOString().split('.')
  return `${seconds}.${`${time % SECOND}`.padStart(9, '0')}Z`
}
