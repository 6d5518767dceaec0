import { type Attribute, text, u32BigEndian } from '../codec/attributes.ts'
import { NLM_F } from '../codec/messages.ts'
import { type Change, change } from './change.ts'
import { NFT_MSG, type TableName, tableText } from './message.ts'

export type Hook = keyof typeof HOOKS

/** Where packets enter a chain. A chain without one is entered by the jumps of others. */
export interface BaseChain {
  readonly type: 'filter' | 'nat'
  readonly hook: Hook
  /** Lower comes first. @see nft(8), "Standard priority names" */
  readonly priority: number
  /** What becomes of packets that no rule decides on. `accept` by default. */
  readonly policy?: 'accept' | 'drop'
}

export interface Chain {
  readonly name: string
  readonly base?: BaseChain
}

const HOOKS = { prerouting: 0, input: 1, forward: 2, output: 3, postrouting: 4 } as const
const POLICIES = { drop: 0, accept: 1 } as const
const NFTA_CHAIN = { TABLE: 1, NAME: 3, HOOK: 4, POLICY: 5, TYPE: 7 } as const
const NFTA_HOOK = { HOOKNUM: 1, PRIORITY: 2 } as const

/** Nothing happens where it is there already, and the same. */
export function addChain(table: TableName, { name, base }: Chain): Change {
  const attributes = [...chainName(table, name), ...(base === undefined ? [] : baseAttributes(base))]
  return change({ message: NFT_MSG.NEWCHAIN, family: table.family, flags: NLM_F.CREATE, attributes, what: what('newchain', table, name) })
}

/** `EBUSY` while rules jump there; `ENOENT` where it is not there. Its rules go with it. */
export function deleteChain(table: TableName, name: string): Change {
  return change({
    message: NFT_MSG.DELCHAIN,
    family: table.family,
    attributes: chainName(table, name),
    what: what('delchain', table, name),
  })
}

function chainName(table: TableName, name: string): Attribute[] {
  return [text(NFTA_CHAIN.TABLE, table.name), text(NFTA_CHAIN.NAME, name)]
}

function baseAttributes({ type, hook, priority, policy = 'accept' }: BaseChain): Attribute[] {
  return [
    text(NFTA_CHAIN.TYPE, type),
    {
      type: NFTA_CHAIN.HOOK,
      value: [u32BigEndian(NFTA_HOOK.HOOKNUM, HOOKS[hook]), u32BigEndian(NFTA_HOOK.PRIORITY, priority)],
    },
    u32BigEndian(NFTA_CHAIN.POLICY, POLICIES[policy]),
  ]
}

function what(verb: string, table: TableName, name: string): string {
  return `${verb} ${tableText(table)} ${name}`
}
