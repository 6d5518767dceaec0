import { masquerade } from '../expressions/nat.ts'
import { addressIn } from '../matches/address.ts'
import { leavesNotBy } from '../matches/interface.ts'
import type { Rule } from '../rules.ts'
import type { SubnetRulesOptions } from './bridge.ts'

/**
 * What containers send elsewhere than over their bridge gets the machine's address, so that answers find back.
 * @throws {KernelError} `EINVAL`
 */
export function masqueradeSubnet({ bridge, subnet, comment }: SubnetRulesOptions): Rule[] {
  return [{ chain: 'postrouting', expressions: [...addressIn('source', subnet), ...leavesNotBy(bridge), masquerade], comment }]
}
