import { invalidOption } from '../error.ts'

/** `80/tcp`: what an image says that it listens on. */
export interface ExposedPort {
  readonly first: number
  readonly last: number
  readonly protocol: 'tcp' | 'udp' | 'sctp'
}

/**
 * Reads `80`, `53/udp`, `7000-7010/tcp`.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parseExposedPort(text: string): ExposedPort {
  const [, from, to = from, protocol = 'tcp'] = /^(\d+)(?:-(\d+))?(?:\/([a-z]+))?$/.exec(text.toLowerCase()) ?? []
  if (from === undefined) throw invalidOption('port', text, 'not port[-port][/protocol]')
  const [first, last] = [Number(from), Number(to)]
  if (first < 1 || last > 65535 || first > last) throw invalidOption('port', text, 'not a port or a range from 1 to 65535')
  if (protocol !== 'tcp' && protocol !== 'udp' && protocol !== 'sctp')
    throw invalidOption('port', text, `no protocol is called ${protocol}`)
  return { first, last, protocol }
}
