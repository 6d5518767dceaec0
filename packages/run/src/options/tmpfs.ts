import { invalidOption } from '../error.ts'
import { readDestination } from './destination.ts'
import type { TmpfsRequest } from './mount-request.ts'

const DEFAULTS = ['nosuid', 'nodev', 'noexec']

/** What takes back what: the later one of a row wins. */
const OPPOSITES: Readonly<Record<string, string>> = {
  exec: 'noexec',
  noexec: 'exec',
  suid: 'nosuid',
  nosuid: 'suid',
  dev: 'nodev',
  nodev: 'dev',
  ro: 'rw',
  rw: 'ro',
}

const FLAGS = new Set([
  ...Object.keys(OPPOSITES),
  'sync',
  'async',
  'dirsync',
  'atime',
  'noatime',
  'diratime',
  'nodiratime',
  'relatime',
  'norelatime',
  'strictatime',
  'nostrictatime',
])
const VALUES = /^(?:size|nr_blocks|nr_inodes)=\d+[kmgKMG%]?$|^mode=[0-7]+$|^(?:uid|gid)=\d+$|^mpol=[\w:,=-]+$/

/**
 * Reads `--tmpfs`: `/run`, `/tmp:size=64m,mode=1777,exec`.
 * @throws {RunError} `INVALID_OPTION`
 * @see tmpfs(5)
 */
export function parseTmpfs(text: string): TmpfsRequest {
  const at = text.indexOf(':')
  const path = at < 0 ? text : text.slice(0, at)
  const words =
    at < 0
      ? []
      : text
          .slice(at + 1)
          .split(',')
          .filter((word) => word !== '')
  const wrong = words.find((word) => !FLAGS.has(word) && !VALUES.test(word))
  if (wrong !== undefined) throw invalidOption('tmpfs', text, `no option is called ${JSON.stringify(wrong)}`)
  return { type: 'tmpfs', destination: readDestination(path, 'tmpfs', text), options: words.reduce(add, DEFAULTS) }
}

function add(options: readonly string[], word: string): string[] {
  return [...options.filter((option) => option !== OPPOSITES[word] && option !== word), word]
}
