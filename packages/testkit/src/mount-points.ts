import { readFileSync } from 'node:fs'

/**
 * Where something is mounted in this process's mount namespace.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 */
export function mountPoints(): string[] {
  const lines = readFileSync('/proc/self/mountinfo', 'latin1').split('\n')
  return lines.filter((line) => line !== '').map((line) => fromOctal(line.split(' ')[4] ?? ''))
}

/** The kernel writes blank, tab, newline and backslash as three octal digits. */
function fromOctal(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
