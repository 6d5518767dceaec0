import { BlockList, isIP } from 'node:net'
import { PullError } from '../error.ts'
import { isLoopback } from './loopback.ts'

export type Environment = Readonly<Record<string, string | undefined>>

/**
 * The proxy through which `url` is asked for, from HTTP_PROXY, HTTPS_PROXY and NO_PROXY (lower case first, as curl and Go read them).
 * Nothing on this machine is asked for through a proxy.
 * @throws {PullError} `INVALID_OPTION`
 */
export function proxyFor(url: URL, environment: Environment): URL | undefined {
  const name = url.protocol === 'https:' ? 'https_proxy' : 'http_proxy'
  const proxy = read(environment, name)
  if (proxy === undefined || isLoopback(url.hostname) || isExempt(url, read(environment, 'no_proxy') ?? '')) return undefined
  const text = proxy.includes('://') ? proxy : `http://${proxy}`
  if (URL.canParse(text)) return new URL(text)
  throw new PullError('INVALID_OPTION', `reading ${name.toUpperCase()} of the environment: not a URL`)
}

function read(environment: Environment, name: string): string | undefined {
  return environment[name] || environment[name.toUpperCase()] || undefined
}

/** NO_PROXY: host names with their subdomains, addresses, networks (`10.0.0.0/8`), each with a port or not, or `*`. */
function isExempt(url: URL, noProxy: string): boolean {
  const port = url.port || (url.protocol === 'https:' ? '443' : '80')
  const host = url.hostname.replace(/^\[|\]$/g, '')
  return noProxy
    .split(/[\s,]+/)
    .filter((entry) => entry !== '')
    .some((entry) => {
      if (entry === '*') return true
      const [, name = entry, entryPort = port] = /^(.+?|\[.+\]):(\d+)$/.exec(isIP(entry) === 6 ? '' : entry) ?? []
      return entryPort === port && covers(name.replace(/^\[|\]$/g, '').toLowerCase(), host)
    })
}

function covers(pattern: string, host: string): boolean {
  if (isIP(host) !== 0) return pattern === host || inNetwork(pattern, host)
  const domain = pattern.replace(/^\*?\./, '')
  return host === domain || host.endsWith(`.${domain}`)
}

function inNetwork(network: string, address: string): boolean {
  const [base = '', bits = ''] = network.split('/')
  const family = isIP(base)
  if (family === 0 || family !== isIP(address) || !/^\d+$/.test(bits) || Number(bits) > (family === 6 ? 128 : 32)) return false
  const type = family === 6 ? 'ipv6' : 'ipv4'
  const list = new BlockList()
  list.addSubnet(base, Number(bits), type)
  return list.check(address, type)
}
