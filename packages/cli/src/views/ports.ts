import type { ContainerConfig } from '@gocker/oci'
import type { ContainerSettings, JoinedNetworks, PublishedPort } from '@gocker/run'

/** A port that a container listens on, `80/tcp`, and where on the machine it is reached. */
export type PortBindings = Readonly<Record<string, readonly PublishedPort[]>>

/** The ports of a container: those that are published, and those that its image or its flags name. */
export function portBindings(networks: JoinedNetworks | undefined, exposed: readonly string[]): PortBindings {
  const bindings: Record<string, PublishedPort[]> = Object.fromEntries(exposed.map((port) => [port, []]))
  for (const port of networks?.ports ?? []) {
    const name = `${port.containerPort}/${port.protocol}`
    bindings[name] = [...(bindings[name] ?? []), port]
  }
  return bindings
}

/** `80/tcp`, by number: what the image and the flags say that the container listens on. */
export function exposedPorts(config: ContainerConfig, { expose = [], publish = [] }: ContainerSettings): string[] {
  const asked = expose.flatMap(({ first, last, protocol }) => portNames(first, last, protocol))
  const published = publish.flatMap(({ container, protocol }) => portNames(container.first, container.last, protocol))
  const own = Object.keys(config.ExposedPorts ?? {}).map((port) => (port.includes('/') ? port : `${port}/tcp`))
  return [...new Set([...own, ...asked, ...published])].sort((a, b) => Number.parseInt(a, 10) - Number.parseInt(b, 10))
}

function portNames(first: number, last: number, protocol: string): string[] {
  return Array.from({ length: last - first + 1 }, (_, at) => `${first + at}/${protocol}`)
}

interface Range {
  readonly address: string | undefined
  readonly protocol: string
  readonly container: number
  readonly host: number
  count: number
}

/** `0.0.0.0:8080-8081->80-81/tcp, 443/tcp`: neighbours become one, as docker prints them. */
export function portsText(bindings: PortBindings): string {
  const ranges: Range[] = []
  for (const each of Object.entries(bindings).flatMap(asRanges).sort(byAddress)) {
    const before = ranges.at(-1)
    if (before !== undefined && continues(before, each)) before.count++
    else ranges.push(each)
  }
  return ranges.map(rangeText).join(', ')
}

function asRanges([name, published]: readonly [string, readonly PublishedPort[]]): Range[] {
  const [port = '', protocol = 'tcp'] = name.split('/')
  const common = { protocol, container: Number(port), count: 1 }
  if (published.length === 0) return [{ ...common, address: undefined, host: 0 }]
  return published.map(({ hostAddress, hostPort }) => ({ ...common, address: hostAddress, host: hostPort }))
}

/** What is published goes before, address by address. */
function byAddress(a: Range, b: Range): number {
  const [first, second] = [a, b].map(({ address, protocol }) => `${address ?? '~'} ${protocol}`)
  if (first !== second) return (first ?? '') < (second ?? '') ? -1 : 1
  return a.container - b.container
}

function continues(before: Range, { address, protocol, container, host }: Range): boolean {
  const isNext = before.address === address && before.protocol === protocol && before.container + before.count === container
  return isNext && (address === undefined || before.host + before.count === host)
}

function rangeText({ address, protocol, container, host, count }: Range): string {
  const inside = `${spanText(container, count)}/${protocol}`
  if (address === undefined) return inside
  return `${address.includes(':') ? `[${address}]` : address}:${spanText(host, count)}->${inside}`
}

function spanText(first: number, count: number): string {
  return count === 1 ? `${first}` : `${first}-${first + count - 1}`
}
