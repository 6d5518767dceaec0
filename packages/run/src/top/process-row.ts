import type { ProcessStat } from './process-stat.ts'

/** As `ps -ef` has them. */
export const TITLES = ['UID', 'PID', 'PPID', 'C', 'STIME', 'TTY', 'TIME', 'CMD'] as const

/** What the same fields mean on this machine, now. */
export interface Moment {
  readonly now: Date
  /** Seconds since boot. */
  readonly uptime: number
  /** The names of users by their numbers. */
  readonly users: ReadonlyMap<number, string>
}

/** Linux tells every program that there are so many in a second, whatever it counts by itself. */
const TICKS = 100
const DAY = 24 * 60 * 60 * 1000
const WIDEST_NAME = 8
const PSEUDO_TERMINALS = 136
const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']

/** The cells of {@link TITLES} for a process. */
export function processRow(process: ProcessStat, { now, uptime, users }: Moment): string[] {
  const age = Math.max(0, uptime - process.startTime / TICKS)
  const seconds = process.ticks / TICKS
  const load = age < 1 ? 0 : Math.min(99, Math.floor((100 * seconds) / age))
  const began = new Date(now.getTime() - age * 1000)
  const user = userName(process.uid, users)
  const { pid, parent, terminal, command } = process
  return [user, `${pid}`, `${parent}`, `${load}`, startText(began, now), terminalName(terminal), timeText(seconds), command]
}

function userName(uid: number, users: Moment['users']): string {
  const name = users.get(uid) ?? `${uid}`
  return name.length > WIDEST_NAME ? `${name.slice(0, WIDEST_NAME - 1)}+` : name
}

/** The time of today, the day of this year, or the year. */
function startText(began: Date, now: Date): string {
  if (now.getTime() - began.getTime() < DAY && began.getDate() === now.getDate())
    return `${twoDigits(began.getHours())}:${twoDigits(began.getMinutes())}`
  if (began.getFullYear() !== now.getFullYear()) return `${began.getFullYear()}`
  return `${MONTHS[began.getMonth()]}${twoDigits(began.getDate())}`
}

/** @see tty_name in Linux, and https://docs.kernel.org/admin-guide/devices.html */
function terminalName(device: number): string {
  if (device === 0) return '?'
  const major = (device >> 8) & 0xfff
  const minor = (device & 0xff) | ((device >> 12) & 0xfff00)
  if (major >= PSEUDO_TERMINALS && major < PSEUDO_TERMINALS + 8) return `pts/${(major - PSEUDO_TERMINALS) * 256 + minor}`
  return major === 4 ? `tty${minor}` : '?'
}

function timeText(seconds: number): string {
  const whole = Math.floor(seconds)
  return [Math.floor(whole / 3600), Math.floor(whole / 60) % 60, whole % 60].map(twoDigits).join(':')
}

function twoDigits(number: number): string {
  return `${number}`.padStart(2, '0')
}
