import { readFileSync } from 'node:fs'

export interface Mount {
  /** No other mount has it as long as this one lives. */
  readonly id: string
  readonly point: string
  readonly type: string
  readonly source: string
  /** Of the file system; an overlay's layers stand here. */
  readonly options: string
}

/**
 * What is mounted in this process's mount namespace.
 * @see https://man7.org/linux/man-pages/man5/proc_pid_mountinfo.5.html
 */
export function mounts(): Mount[] {
  const lines = readFileSync('/proc/self/mountinfo', 'latin1').split('\n')
  return lines.filter((line) => line !== '').map(readLine)
}

/** A number of optional fields ends in a dash of its own; what stands after it is counted from there. */
function readLine(line: string): Mount {
  const fields = line.split(' ').map(fromOctal)
  const dash = fields.indexOf('-')
  const [id = '', , , , point = ''] = fields
  const [type = '', source = '', options = ''] = fields.slice(dash + 1)
  return { id, point, type, source, options }
}

/** The kernel writes blank, tab, newline and backslash as three octal digits. */
function fromOctal(text: string): string {
  const bytes = text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))
  return Buffer.from(bytes, 'latin1').toString('utf8')
}
