export interface ResolvConfInput {
  /** The host's `/etc/resolv.conf`. */
  readonly host: string
  /** What systemd-resolved knows behind its stub; asked for when the host's names only loopback. */
  readonly resolved: () => string
  /** Whether the container reaches the host's loopback. */
  readonly sharesLoopback: boolean
  /** Whether it reaches the world by way of the host. */
  readonly isBridged: boolean
  readonly servers: readonly string[]
  readonly search: readonly string[]
  readonly options: readonly string[]
}

const FALLBACK = ['8.8.8.8', '1.1.1.1']

/**
 * The container's `/etc/resolv.conf`: the host's, with what was asked for in place of the same, and without resolvers on a
 * loopback that is not the container's; where none is left, and there is a way to the world, public ones.
 * @see resolv.conf(5)
 */
export function resolvConfFile(input: ResolvConfInput): string {
  const { servers, search, options, sharesLoopback } = input
  const isChanged = servers.length + search.length + options.length > 0
  if (sharesLoopback && !isChanged) return input.host
  const host = reachable(input)
  const known = host.filter(({ key }) => key === 'nameserver').map(({ value }) => value)
  const isFallback = input.isBridged && servers.length + known.length === 0
  const found = {
    nameserver: isFallback ? FALLBACK : servers.length > 0 ? servers : known,
    search: search.length > 0 ? search.filter((domain) => domain !== '.') : lastWords(host, 'search', 'domain'),
    options: options.length > 0 ? options : lastWords(host, 'options'),
  }
  return [
    ...(isFallback ? ['# The host names no resolver that is reached from here: these are public ones.\n'] : []),
    ...found.nameserver.map((server) => `nameserver ${server}\n`),
    ...(found.search.length > 0 ? [`search ${found.search.join(' ')}\n`] : []),
    ...(found.options.length > 0 ? [`options ${found.options.join(' ')}\n`] : []),
  ].join('')
}

interface Line {
  readonly key: string
  readonly value: string
}

function reachable({ host, resolved, sharesLoopback }: ResolvConfInput): Line[] {
  const lines = read(host)
  if (sharesLoopback) return lines
  const onlyLoopback = lines.some(isLoopback) && !lines.some((line) => line.key === 'nameserver' && !isLoopback(line))
  return (onlyLoopback ? read(resolved()) : lines).filter((line) => !isLoopback(line))
}

function read(text: string): Line[] {
  return text.split('\n').flatMap((line) => {
    const [, key, value] = /^\s*(nameserver|search|domain|options)\s+(.*?)\s*$/.exec(line) ?? []
    return key === undefined || value === undefined ? [] : [{ key, value }]
  })
}

function isLoopback({ key, value }: Line): boolean {
  return key === 'nameserver' && (value.startsWith('127.') || value === '::1')
}

/** The last line counts. */
function lastWords(lines: readonly Line[], ...keys: string[]): string[] {
  return lines.findLast(({ key }) => keys.includes(key))?.value.split(/\s+/) ?? []
}
