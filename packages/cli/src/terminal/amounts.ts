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

/** The last line of a prune. */
export function reclaimed(bytes: number): string {
  return `Total reclaimed space: ${size(bytes)}`
}

const BINARY_UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']

/** Bytes in binary units, four significant digits: `1.944GiB`, as docker prints memory. */
export function binarySize(bytes: number): string {
  let value = bytes
  let unit = 0
  while (value >= 1024 && unit < BINARY_UNITS.length - 1) {
    value /= 1024
    unit++
  }
  return `${Number(value.toPrecision(4))}${BINARY_UNITS[unit]}`
}

/** `3 weeks ago`; `now` and `then` in milliseconds. */
export function ago(then: number, now: number = Date.now()): string {
  return `${span(Math.max(0, (now - then) / 1000))} ago`
}

const SPANS: readonly (readonly [below: number, length: number, unit: string])[] = [
  [60, 1, 'seconds'],
  [120, 60, 'About a minute'],
  [3600, 60, 'minutes'],
  [7200, 3600, 'About an hour'],
  [2 * 86_400, 3600, 'hours'],
  [14 * 86_400, 86_400, 'days'],
  [60 * 86_400, 7 * 86_400, 'weeks'],
  [2 * 365 * 86_400, 30 * 86_400, 'months'],
  [Number.POSITIVE_INFINITY, 365 * 86_400, 'years'],
]

/** As docker words durations: `About a minute`, `47 hours`, `13 days`. */
export function span(seconds: number): string {
  if (seconds < 1) return 'Less than a second'
  if (seconds < 2) return '1 second'
  const [, length = 1, unit = ''] = SPANS.find(([below]) => seconds < below) ?? []
  return unit.startsWith('About') ? unit : `${Math.floor(seconds / length)} ${unit}`
}

/** The first twelve digits, as docker prints ids. */
export function shortId(id: string): string {
  return id.replace(/^sha256:/, '').slice(0, 12)
}
