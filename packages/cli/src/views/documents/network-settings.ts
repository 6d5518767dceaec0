import { type Endpoint, endpointId } from '@gocker/run'
import { dictionary } from '../../format/values.ts'
import type { ContainerView } from '../container.ts'
import type { PortBindings } from '../ports.ts'

/** What the container has on networks just now. */
export function networkSettingsOf({ networks, settings, now }: ContainerView, ports: PortBindings) {
  const endpoints = networks?.endpoints ?? []
  const main = endpoints.find(({ network }) => network === 'bridge')
  return {
    Bridge: '',
    SandboxKey: now.pid === undefined ? '' : `/proc/${now.pid}/ns/net`,
    Ports: dictionary(now.pid === undefined ? {} : portsDocument(ports)),
    ...addressesOf(main),
    Networks: dictionary({
      ...(endpoints.length === 0 && { [settings.network ?? 'bridge']: endpointDocument(undefined) }),
      ...Object.fromEntries(endpoints.map((endpoint) => [endpoint.network, endpointDocument(endpoint)])),
    }),
  }
}

function portsDocument(ports: PortBindings) {
  return Object.fromEntries(
    Object.entries(ports).map(([name, published]) => {
      const bindings = published.map(({ hostAddress, hostPort }) => ({ HostIp: hostAddress, HostPort: `${hostPort}` }))
      return [name, bindings.length === 0 ? null : bindings]
    }),
  )
}

function addressesOf(endpoint: Endpoint | undefined) {
  const [address = '', length = '0'] = endpoint?.address.split('/') ?? []
  const [address6 = '', length6 = '0'] = endpoint?.address6?.split('/') ?? []
  return {
    EndpointID: endpoint === undefined ? '' : endpointId(endpoint),
    Gateway: endpoint?.gateway ?? '',
    GlobalIPv6Address: address6,
    GlobalIPv6PrefixLen: Number(length6),
    IPAddress: address,
    IPPrefixLen: Number(length),
    IPv6Gateway: endpoint?.gateway6 ?? '',
    MacAddress: endpoint?.mac ?? '',
  }
}

function endpointDocument(endpoint: Endpoint | undefined) {
  return {
    IPAMConfig: null,
    Links: null,
    Aliases: endpoint?.aliases ?? null,
    NetworkID: endpoint?.networkId ?? '',
    DriverOpts: null,
    ...addressesOf(endpoint),
  }
}
