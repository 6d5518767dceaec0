import { parsePrefix } from '../../ip.ts'
import { masquerade } from '../expressions/nat.ts'
import { verdict } from '../expressions/verdict.ts'
import { addressIn } from '../matches/address.ts'
import { redirected } from '../matches/connection.ts'
import { cameBy, leavesBy } from '../matches/interface.ts'
import type { Rule } from '../rules.ts'
import type { SubnetRulesOptions } from './bridge.ts'

const LOOPBACK = '127.0.0.0/8'

/**
 * What published ports of containers in a subnet need besides publishPort, once for all of them:
 * - Connections from a container to a published port on its own bridge get the machine's address, so that the answer comes
 *   back through the machine and not straight from the other container. A container's connections to its own published port need
 *   `hairpin` on its bridge port besides.
 * - Connections from the machine itself by 127.0.0.1 get an address to which the container can answer. The bridge must have
 *   `routeLocalnet`, by changeLink. IPv6 knows nothing of the kind: a port is not reached by ::1.
 * - That opens the machine's loopback to the bridge, were it not for a rule against it: packets from the bridge to 127.0.0.0/8 are
 *   dropped before anything is translated.
 * @throws {KernelError} `EINVAL`
 */
export function admitPublished({ bridge, subnet, comment }: SubnetRulesOptions): Rule[] {
  const fromSubnet = [...addressIn('source', subnet), ...leavesBy(bridge), ...redirected(), masquerade]
  const within: Rule = { chain: 'postrouting', expressions: fromSubnet, comment }
  if (parsePrefix(subnet).family === 'ipv6') return [within]
  return [
    within,
    { chain: 'postrouting', expressions: [...addressIn('source', LOOPBACK), ...leavesBy(bridge), masquerade], comment },
    { chain: 'guard', expressions: [...cameBy(bridge), ...addressIn('destination', LOOPBACK), verdict('drop')], comment },
  ]
}
