import { RunError } from '../error.ts'
import type { RunOptions } from '../options/container-options.ts'
import { DEFAULT_NETWORK, isBridged, sharedContainer } from '../options/network.ts'

/**
 * Refuses what cannot be had together.
 * @throws {RunError} `INVALID_OPTION`
 */
export function checkNetworkOptions(options: RunOptions): void {
  const { network = DEFAULT_NETWORK, endpoints = {}, publish = [], publishAll = false } = options
  if (isBridged(network)) {
    const other = Object.keys(endpoints).find((name) => !isBridged(name))
    if (other !== undefined) throw refused(`using network ${other} beside ${network}`, 'it can only be the only one')
    return
  }
  const whose = WHOSE[network] ?? "its network is another container's"
  if (publish.length > 0 || publishAll) throw refused(`publishing ports with --network ${network}`, whose)
  if (Object.keys(endpoints).length > 0) throw refused(`having addresses, aliases or further networks with --network ${network}`, whose)
  if (sharedContainer(network) !== undefined) checkShared(options, network)
}

const WHOSE: Readonly<Record<string, string>> = {
  host: "its network is the host's, and its ports are the host's already",
  none: 'it has no network',
}

function checkShared({ hostname, dns = [], dnsSearch = [], dnsOption = [], addHosts = [] }: RunOptions, network: string): void {
  if (hostname !== undefined) throw refused(`setting a hostname with --network ${network}`, "it is the other container's")
  if (dns.length + dnsSearch.length + dnsOption.length > 0)
    throw refused(`setting name servers with --network ${network}`, "they are the other container's")
  if (addHosts.length > 0) throw refused(`adding hosts with --network ${network}`, "/etc/hosts is the other container's")
}

function refused(what: string, why: string): RunError {
  return new RunError('INVALID_OPTION', `${what}: ${why}`)
}
