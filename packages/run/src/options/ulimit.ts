import { invalidOption } from '../error.ts'

export interface Ulimit {
  /** As docker words it: `nofile`, `core`, ... */
  readonly name: string
  /** {@link UNLIMITED} is no limit. */
  readonly soft: number
  readonly hard: number
}

/** RLIM_INFINITY is 2^64 - 1, of which a number can only hold the neighbour. */
export const UNLIMITED = 2 ** 64

const ULIMIT_NAMES = [
  'core',
  'cpu',
  'data',
  'fsize',
  'locks',
  'memlock',
  'msgqueue',
  'nice',
  'nofile',
  'nproc',
  'rss',
  'rtprio',
  'rttime',
  'sigpending',
  'stack',
] as const

/**
 * Reads `nofile=1024:4096`, `nproc=64`, `core=-1`.
 * @throws {RunError} `INVALID_OPTION`
 * @see getrlimit(2)
 */
export function parseUlimit(text: string): Ulimit {
  const [, name = '', softText, hardText = softText] = /^([a-z]+)=(-?\d+)(?::(-?\d+))?$/.exec(text) ?? []
  if (softText === undefined || hardText === undefined) throw invalidOption('ulimit', text, 'not name=soft[:hard]')
  if (!(ULIMIT_NAMES as readonly string[]).includes(name))
    throw invalidOption('ulimit', text, `no limit is called ${name}`, `known are ${ULIMIT_NAMES.join(', ')}`)
  const [soft, hard] = [readLimit(softText, text), readLimit(hardText, text)]
  if (soft > hard) throw invalidOption('ulimit', text, 'the soft limit is above the hard one')
  return { name, soft, hard }
}

function readLimit(digits: string, text: string): number {
  if (digits === '-1') return UNLIMITED
  const limit = Number(digits)
  if (limit < 0 || !Number.isSafeInteger(limit)) throw invalidOption('ulimit', text, `${digits} is no limit`)
  return limit
}
