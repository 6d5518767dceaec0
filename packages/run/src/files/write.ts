import { readFileSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import type { BundlePaths } from '@gocker/store'
import { HOST_GATEWAY } from '../options/add-host.ts'
import type { RunOptions } from '../options/container-options.ts'
import { isBridged } from '../options/network.ts'
import { hostsFile } from './hosts.ts'
import { resolvConfFile } from './resolv-conf.ts'

/** Writes the files that the container gets from gocker; gives where each belongs. */
export function writeFiles(bundle: BundlePaths, hostname: string, options: RunOptions): Record<string, string> {
  writeFileSync(bundle.hostname, `${hostname}\n`, { mode: 0o644 })
  writeFileSync(bundle.hosts, baseHosts(options, undefined), { mode: 0o644 })
  writeFileSync(bundle.resolvConf, resolvConf(options), { mode: 0o644 })
  return filesOf(bundle)
}

export function filesOf(bundle: BundlePaths): Record<string, string> {
  return { '/etc/resolv.conf': bundle.resolvConf, '/etc/hostname': bundle.hostname, '/etc/hosts': bundle.hosts }
}

/**
 * The container's /etc/hosts without what depends on who else is on its networks.
 * @param gateway the host as the container reaches it, once that is known
 */
export function baseHosts({ network, addHosts: entries = [] }: RunOptions, gateway: string | undefined): string {
  const asksGateway = entries.some(({ address }) => address === HOST_GATEWAY)
  return hostsFile({
    host: network === 'host' ? readIfThere('/etc/hosts') : undefined,
    entries,
    gateway: asksGateway && network !== 'host' ? (gateway ?? hostAddress()) : undefined,
  })
}

function resolvConf({ network, dns = [], dnsSearch = [], dnsOption = [] }: RunOptions): string {
  return resolvConfFile({
    host: readIfThere('/etc/resolv.conf'),
    resolved: () => readIfThere('/run/systemd/resolve/resolv.conf'),
    sharesLoopback: network === 'host',
    isBridged: isBridged(network),
    servers: dns,
    search: dnsSearch,
    options: dnsOption,
  })
}

/** The first address by which others reach the host. */
function hostAddress(): string | undefined {
  const addresses = Object.values(networkInterfaces()).flatMap((list) => list ?? [])
  return addresses.find(({ internal, family }) => !internal && family === 'IPv4')?.address
}

function readIfThere(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw error
  }
}
