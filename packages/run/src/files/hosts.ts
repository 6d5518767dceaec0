import { HOST_GATEWAY, type HostEntry } from '../options/add-host.ts'

/** Docker's. */
const LOOPBACK = [
  '127.0.0.1\tlocalhost',
  '::1\tlocalhost ip6-localhost ip6-loopback',
  'fe00::\tip6-localnet',
  'ff00::\tip6-mcastprefix',
  'ff02::1\tip6-allnodes',
  'ff02::2\tip6-allrouters',
]

export interface HostsInput {
  /** The host's own file, where the network is the host's. */
  readonly host: string | undefined
  readonly entries: readonly HostEntry[]
  /** What `host-gateway` means. */
  readonly gateway: string | undefined
}

/** The container's `/etc/hosts`. @see hosts(5) */
export function hostsFile({ host, entries, gateway = '127.0.0.1' }: HostsInput): string {
  const base = host === undefined ? LOOPBACK : host.replace(/\n+$/, '').split('\n')
  const added = entries.map(({ name, address }) => `${address === HOST_GATEWAY ? gateway : address}\t${name}`)
  return `${[...base, ...added].join('\n')}\n`
}
