import { KernelError } from '../../../error.ts'
import { parseAddress } from '../../ip.ts'
import type { Expression } from '../expression.ts'
import { destinationNat } from '../expressions/nat.ts'
import { addressIn, ofFamily, toLocalAddress } from '../matches/address.ts'
import { type PortProtocol, toPort } from '../matches/port.ts'
import type { Rule } from '../rules.ts'

export interface PublishPortOptions {
  readonly protocol: PortProtocol
  /** One of the machine's addresses, of the same version of IP as the container's; all of them by default. */
  readonly hostAddress?: string
  readonly hostPort: number
  readonly containerAddress: string
  readonly containerPort: number
  /** On each of the rules: by it, removeRules finds them. */
  readonly comment?: string
}

/**
 * Connections to a port of the machine, from outside, from containers and from the machine itself, become connections to a container. Needs
 * the container's bridge to have the rules of isolateBridge and admitPublished.
 * @throws {KernelError} `EINVAL` for what is no address, and for addresses of both versions of IP
 */
export function publishPort({ protocol, hostPort, containerAddress, containerPort, comment, ...host }: PublishPortOptions): Rule[] {
  const expressions = [
    ...toHost(containerAddress, host.hostAddress),
    ...toPort(protocol, hostPort),
    ...destinationNat(containerAddress, containerPort),
  ]
  return ['prerouting', 'output'].map((chain) => ({ chain, expressions, comment }))
}

function toHost(containerAddress: string, hostAddress: string | undefined): Expression[] {
  const { family } = parseAddress(containerAddress)
  if (hostAddress === undefined) return [...ofFamily(family), ...toLocalAddress()]
  if (parseAddress(hostAddress).family === family) return addressIn('destination', hostAddress)
  const message = `publishing ${hostAddress} to ${containerAddress}: EINVAL (no connection changes its version of IP)`
  throw new KernelError('EINVAL', message, { syscall: 'netlink' })
}
