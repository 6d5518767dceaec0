import { invalidOption } from '../error.ts'
import { isIP } from './ip-address.ts'

export type Protocol = 'tcp' | 'udp' | 'sctp'

/** Ports of a container that are reached at ports of the machine. */
export interface PublishRequest {
  readonly protocol: Protocol
  readonly container: PortRange
  /** The machine's address; all of them unless given. */
  readonly hostAddress?: string
  /** As many as the container's, each for one; or more, of which the first free one serves a single port. Chosen where there is none. */
  readonly host?: PortRange
}

export interface PortRange {
  readonly first: number
  readonly last: number
}

const HINT = 'for example 8080:80, 127.0.0.1:8080:80/tcp, 53:53/udp, 8000-8010:8000-8010, [::1]:8080:80 or 80'

/**
 * Reads docker's `[[address:][host port]:]port[/protocol]`, where ports may be ranges.
 * @throws {RunError} `INVALID_OPTION`
 */
export function parsePublish(text: string): PublishRequest {
  const [, before, containerText = '', protocol = 'tcp'] = /^(?:(.*):)?([\d-]*)(?:\/(\w+))?$/.exec(text) ?? []
  const container = range(containerText, text)
  const { hostAddress, hostText } = hostPart(before, text)
  const host = hostText === '' ? undefined : range(hostText, text)
  if (host !== undefined && size(host) !== size(container) && size(container) !== 1)
    throw invalidOption('port', text, `${size(host)} ports of the host for ${size(container)} of the container`, HINT)
  return {
    protocol: protocolOf(protocol.toLowerCase(), text),
    container,
    ...(hostAddress !== undefined && { hostAddress }),
    ...(host !== undefined && { host }),
  }
}

/** How many ports. */
export function size({ first, last }: PortRange): number {
  return last - first + 1
}

function hostPart(before: string | undefined, text: string): { hostAddress?: string | undefined; hostText: string } {
  if (before === undefined) return { hostText: '' }
  const [, bracketed, plain, hostText = ''] = /^(?:\[(.*)\]:|(.*):)?([\d-]*)$/.exec(before) ?? []
  const address = bracketed ?? plain
  if (address === undefined && hostText !== before)
    throw invalidOption('port', text, `${JSON.stringify(before)} is neither a port nor an address`, HINT)
  if (address === undefined || address === '' || address === '*') return { hostText }
  if (isIP(address) === 0) throw invalidOption('port', text, `${JSON.stringify(address)} is not an IP address`, HINT)
  return { hostAddress: address, hostText }
}

function range(portText: string, text: string): PortRange {
  const [, from, to = from] = /^(\d{1,5})(?:-(\d{1,5}))?$/.exec(portText) ?? []
  if (from === undefined)
    throw invalidOption('port', text, portText === '' ? "the container's port is missing" : `${JSON.stringify(portText)} is no port`, HINT)
  const [first, last] = [Number(from), Number(to)]
  if (first < 1 || last > 65_535 || first > last)
    throw invalidOption('port', text, `${portText} is not a port or a range from 1 to 65535`, HINT)
  return { first, last }
}

function protocolOf(protocol: string, text: string): Protocol {
  if (protocol === 'tcp' || protocol === 'udp' || protocol === 'sctp') return protocol
  throw invalidOption('port', text, `no protocol is called ${protocol}`, 'there are tcp, udp and sctp')
}
