const UNITS = ['B', 'kB', 'MB', 'GB', 'TB']

/** Bytes in decimal units, three significant digits: `124MB`, as docker prints them. */
export function size(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 999.5 && unit < UNITS.length - 1) {
    value /= 1000
    unit++
  }
  return `${unit === 0 ? value : Number(value.toPrecision(3))}${UNITS[unit]}`
}

const SPANS: readonly (readonly [seconds: number, name: string])[] = [
  [365 * 86_400, 'year'],
  [30 * 86_400, 'month'],
  [7 * 86_400, 'week'],
  [86_400, 'day'],
  [3_600, 'hour'],
  [60, 'minute'],
  [1, 'second'],
]

/** `3 weeks ago`; `now` and `then` in milliseconds. */
export function ago(then: number, now: number = Date.now()): string {
  const seconds = Math.max(0, Math.round((now - then) / 1000))
  return seconds === 0 ? 'just now' : `${span(seconds)} ago`
}

/** The largest unit of which there are two, as docker prints durations: `90 seconds`, `3 hours`. */
export function span(seconds: number): string {
  const [length, name] = SPANS.find(([length]) => seconds >= 2 * length) ?? [1, 'second']
  const count = Math.floor(seconds / length)
  return `${count} ${name}${count === 1 ? '' : 's'}`
}

/** The first twelve digits, as docker prints ids. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}
