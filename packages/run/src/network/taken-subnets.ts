import { findLink, listAddresses, listLinks, listRoutes } from '@gocker/kernel'
import type { NetworkDefinition } from '@gocker/store'
import type { Machine } from './machine.ts'
import { type AddressRange, overlaps, rangeOf } from './subnets.ts'

/** What new subnets must not overlap: everything the machine has a way to, and all other networks. */
export function takenSubnets({ route }: Pick<Machine, 'route'>, definitions: readonly NetworkDefinition[]): AddressRange[] {
  const routes = listRoutes(route).map(({ destination }) => destination)
  const addresses = listAddresses(route).map(({ address }) => address)
  const networks = definitions.flatMap(({ subnets }) => subnets.map(({ subnet }) => subnet))
  return [...routes.filter((destination) => !destination.endsWith('/0')), ...addresses, ...networks].map(rangeOf)
}

/**
 * Who else has addresses of a subnet. Two that take one at the same moment see each other: it stays with the link that was made first.
 * @returns `link eth0 (172.20.0.1/20)`
 */
export function taker({ route }: Pick<Machine, 'route'>, subnet: string, own: string): string | undefined {
  const range = rangeOf(subnet)
  const mine = findLink(route, own)?.index
  const other = listAddresses(route).find(({ link, address }) => mine !== undefined && link < mine && overlaps(rangeOf(address), range))
  if (other === undefined) return undefined
  const name = listLinks(route).find(({ index }) => index === other.link)?.name
  return `link ${name} (${other.address})`
}
