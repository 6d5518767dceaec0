import { closeSync } from 'node:fs'
import { holdPort, KernelError, parseAddress } from '@gocker/kernel'
import { RunError } from '../error.ts'
import { type PublishRequest, size } from '../options/publish.ts'
import type { NetworkState, PublishedPort } from './state.ts'

/** Ports of the machine that are nobody else's while the descriptors are open. */
export interface HeldPorts {
  readonly ports: readonly PublishedPort[]
  readonly descriptors: readonly number[]
}

interface Circumstances {
  /** Whether the container has an address of IPv6. */
  readonly ipv6: boolean
  /** To say who has a port. */
  readonly state: NetworkState
}

/** How often a port that the kernel chose for IPv4 may be another's for IPv6. */
const TRIES = 20

/**
 * Takes all the ports that are asked for, or none.
 * @throws {RunError} `PORT_TAKEN`, `INVALID_OPTION`
 */
export function holdPorts(requests: readonly PublishRequest[], circumstances: Circumstances): HeldPorts {
  const descriptors: number[] = []
  const ports: PublishedPort[] = []
  try {
    for (const request of requests)
      for (let index = 0; index < size(request.container); index++) ports.push(...holdOne({ request, index }, circumstances, descriptors))
    return { ports, descriptors }
  } catch (error) {
    for (const descriptor of descriptors) closeSync(descriptor)
    throw error
  }
}

interface OnePort {
  readonly request: PublishRequest
  /** Of the container's ports. */
  readonly index: number
}

function holdOne(one: OnePort, circumstances: Circumstances, descriptors: number[]): PublishedPort[] {
  const candidates = hostPorts(one)
  for (const [tried, port] of candidates.entries()) {
    try {
      return holdAt(one, { port, addresses: hostAddresses(one.request, circumstances) }, descriptors)
    } catch (error) {
      const isTaken = error instanceof KernelError && error.code === 'EADDRINUSE'
      if (!isTaken || tried === candidates.length - 1) throw portFailure(error, one, circumstances.state)
    }
  }
  return []
}

/** In the order in which they are tried; 0 is one of the kernel's choice. */
function hostPorts({ request: { host, container }, index }: OnePort): number[] {
  if (host === undefined) return Array<number>(TRIES).fill(0)
  if (size(container) > 1) return [host.first + index]
  return Array.from({ length: size(host) }, (_, offset) => host.first + offset)
}

/** Both versions of IP get the same port. */
function holdAt(
  { request: { protocol, container }, index }: OnePort,
  { port, addresses }: { port: number; addresses: readonly string[] },
  descriptors: number[],
): PublishedPort[] {
  const before = descriptors.length
  const held: PublishedPort[] = []
  try {
    for (const address of addresses) {
      const { descriptor, port: hostPort } = holdPort({ protocol, address, port: held[0]?.hostPort ?? port })
      descriptors.push(descriptor)
      held.push({ protocol, hostAddress: address, hostPort, containerPort: container.first + index })
    }
    return held
  } catch (error) {
    for (const descriptor of descriptors.splice(before)) closeSync(descriptor)
    throw error
  }
}

function hostAddresses({ hostAddress }: PublishRequest, { ipv6 }: Circumstances): string[] {
  if (hostAddress === undefined) return ipv6 && hasIpv6() ? ['0.0.0.0', '::'] : ['0.0.0.0']
  if (parseAddress(hostAddress).family === 'ipv6' && !ipv6)
    throw new RunError('INVALID_OPTION', `publishing ports at ${hostAddress}: the container's network has no IPv6`, {
      hint: 'create one that has: gocker network create --ipv6 NAME',
    })
  return [hostAddress]
}

function hasIpv6(): boolean {
  try {
    closeSync(holdPort({ protocol: 'udp', address: '::', port: 0 }).descriptor)
    return true
  } catch (error) {
    if (error instanceof KernelError && (error.code === 'EAFNOSUPPORT' || error.code === 'EADDRNOTAVAIL')) return false
    throw error
  }
}

function portFailure(cause: unknown, { request, index }: OnePort, { members }: NetworkState): unknown {
  if (!(cause instanceof KernelError)) return cause
  const { protocol, hostAddress = '0.0.0.0', host, container } = request
  const range = host !== undefined && size(host) > 1 && size(container) === 1
  const port = host === undefined ? 0 : host.first + (range ? 0 : index)
  const shown = host === undefined ? 'a free port' : `port ${range ? `${host.first}-${host.last}` : port}/${protocol}`
  const what = `publishing ${shown} of ${hostAddress} for the container's port ${container.first + index}`
  if (cause.code === 'EADDRNOTAVAIL')
    return new RunError('INVALID_OPTION', `${what}: ${hostAddress} is no address of this machine`, { cause })
  if (cause.code !== 'EADDRINUSE') return new RunError('NETWORK_FAILED', `${what}: ${cause.message}`, { cause })
  const owner = Object.values(members).find(({ ports }) => ports.some((held) => held.hostPort === port && held.protocol === protocol))
  const who = owner === undefined ? 'a process of this machine' : `container ${owner.name}`
  return new RunError('PORT_TAKEN', `${what}: ${range ? 'all of them are taken' : `${who} has it already`}`, {
    cause,
    hint: 'choose another port, or leave it out (-p CONTAINER_PORT) to get a free one',
  })
}
