import { verdict } from '../expressions/verdict.ts'
import { ofKnownConnection, redirected } from '../matches/connection.ts'
import { cameBy, leavesBy, leavesNotBy } from '../matches/interface.ts'
import type { Rule } from '../rules.ts'
import type { BridgeRulesOptions } from './bridge.ts'

export interface IsolateBridgeOptions extends BridgeRulesOptions {
  /** Whether containers reach nothing but each other and the machine. */
  readonly internal?: boolean
}

/**
 * What is forwarded to containers of a bridge: what they send to each other, answers to what they began, and connections to published
 * ports. All else is dropped, wherever it comes from, other bridges too: so that no rule need name two bridges, and the order in which
 * bridges come and go does not matter. What they send elsewhere is for the other side to judge.
 *
 * The rules are one unit: the drop is the last of them.
 */
export function isolateBridge({ bridge, internal = false, comment }: IsolateBridgeOptions): Rule[] {
  const toBridge = leavesBy(bridge)
  const forwarded = [
    ...(internal ? [[...cameBy(bridge), ...leavesNotBy(bridge), verdict('drop')]] : []),
    [...toBridge, ...ofKnownConnection(), verdict('accept')],
    [...toBridge, ...cameBy(bridge), verdict('accept')],
    [...toBridge, ...redirected(), verdict('accept')],
    [...toBridge, verdict('drop')],
  ]
  return forwarded.map((expressions) => ({ chain: 'forward', expressions, comment }))
}
