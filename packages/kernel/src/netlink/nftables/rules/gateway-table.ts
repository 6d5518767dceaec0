import { addChain, type Chain } from '../chains.ts'
import type { Change } from '../change.ts'
import type { TableName } from '../message.ts'
import { addTable } from '../tables.ts'

/** The chains that the rules beside this file are for. */
export type GatewayChain = 'guard' | 'prerouting' | 'output' | 'forward' | 'postrouting'

// The priorities that nft calls raw, dstnat, filter and srcnat.
const CHAINS: readonly (Chain & { readonly name: GatewayChain })[] = [
  { name: 'guard', base: { type: 'filter', hook: 'prerouting', priority: -300 } },
  { name: 'prerouting', base: { type: 'nat', hook: 'prerouting', priority: -100 } },
  { name: 'output', base: { type: 'nat', hook: 'output', priority: -100 } },
  { name: 'forward', base: { type: 'filter', hook: 'forward', priority: 0 } },
  { name: 'postrouting', base: { type: 'nat', hook: 'postrouting', priority: 100 } },
]

/**
 * A table of the machine that stands between bridges and the world, without rules. Nothing happens where it is there already, so that
 * these changes can come first in every commit. Its family should be `inet`, to serve both versions of IP.
 */
export function gatewayTable(table: TableName): Change[] {
  return [addTable(table), ...CHAINS.map((chain) => addChain(table, chain))]
}
