import { readFileSync } from 'node:fs'
import { KernelError } from '../error.ts'

/** A line of /proc/<pid>/mountinfo. @see proc_pid_mountinfo(5) */
export interface MountInfo {
  readonly id: number
  readonly parent: number
  readonly major: number
  readonly minor: number
  /** Which directory of the file system is mounted. */
  readonly root: string
  readonly mountPoint: string
  readonly options: readonly string[]
  /** `shared:12`, `master:3`, ... */
  readonly propagation: readonly string[]
  readonly type: string
  readonly source: string
  readonly superOptions: readonly string[]
}

/**
 * The mounts that a process sees, in the order they were made; paths are below its own root.
 * @throws {KernelError} `ESRCH` when there is no such process
 */
export function readMountInfo(pid: number | 'self' = 'self'): MountInfo[] {
  return parseMountInfo(readProcessFile(pid))
}

/** Reads the text of a mountinfo file. */
export function parseMountInfo(text: string): MountInfo[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map(parseLine)
}

function readProcessFile(pid: number | 'self'): string {
  try {
    return readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
  } catch (cause) {
    throw new KernelError('ESRCH', `reading the mounts of process ${pid}: ESRCH (no such process)`, { syscall: 'read', cause })
  }
}

function parseLine(line: string): MountInfo {
  const fields = line.split(' ')
  // Any number of propagation fields, then a hyphen.
  const hyphen = fields.indexOf('-', 6)
  const [id, parent, device = '', root = '', mountPoint = '', options = ''] = fields
  const [type = '', source = '', superOptions = ''] = fields.slice(hyphen + 1)
  const [major, minor] = device.split(':')
  return {
    id: Number(id),
    parent: Number(parent),
    major: Number(major),
    minor: Number(minor),
    root: unescape(root),
    mountPoint: unescape(mountPoint),
    options: options.split(','),
    propagation: fields.slice(6, hyphen),
    type: unescape(type),
    source: unescape(source),
    superOptions: superOptions.split(',').map(unescape),
  }
}

/** Space, tab, newline, backslash and `#` are written as `\040` and so on. */
function unescape(field: string): string {
  return field.includes('\\') ? field.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8))) : field
}
