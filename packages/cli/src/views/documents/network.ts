import type { NetworkDescription } from '@gocker/run'
import { dictionary } from '../../format/values.ts'

/** A network as docker describes one; what containers and users have named are dictionaries. */
export function networkDocument(network: NetworkDescription): object {
  return {
    ...network,
    Containers: dictionary(network.Containers),
    Options: dictionary(network.Options),
    Labels: dictionary(network.Labels),
    IPAM: { ...network.IPAM, Options: dictionary(network.IPAM.Options) },
  }
}
