import { text, u64BigEndian } from '../codec/attributes.ts'
import { NLM_F } from '../codec/messages.ts'
import { dump } from '../exchange.ts'
import type { NetlinkSocket } from '../socket.ts'
import { type Change, change } from './change.ts'
import { decodeComment, encodeComment } from './comment.ts'
import type { Expression } from './expression.ts'
import { decodeNetfilter, list, NFPROTO, NFT_MSG, named, netfilterHeader, nftablesType, type TableName, tableText } from './message.ts'

export interface Rule {
  readonly chain: string
  readonly expressions: readonly Expression[]
  /** At most 127 bytes: whose it is, so that it can be found again. `nft list ruleset` shows it. */
  readonly comment?: string | undefined
}

/** A rule that is there. */
export interface ListedRule {
  readonly chain: string
  /** Of its table's rules, no two ever have the same. */
  readonly handle: bigint
  readonly comment: string | undefined
}

const NFTA_RULE = { TABLE: 1, CHAIN: 2, HANDLE: 3, EXPRESSIONS: 4, USERDATA: 7 } as const

/**
 * At the end of its chain; once more where the same is there already.
 * @throws {KernelError} `EINVAL` for a comment that is too long
 */
export function addRule(table: TableName, { chain, expressions, comment }: Rule): Change {
  return change({
    message: NFT_MSG.NEWRULE,
    family: table.family,
    flags: NLM_F.CREATE | NLM_F.APPEND,
    attributes: [
      text(NFTA_RULE.TABLE, table.name),
      text(NFTA_RULE.CHAIN, chain),
      list(
        NFTA_RULE.EXPRESSIONS,
        expressions.map(({ name, attributes }) => named(name, attributes)),
      ),
      ...(comment === undefined ? [] : [{ type: NFTA_RULE.USERDATA, value: encodeComment(comment) }]),
    ],
    what: `newrule ${tableText(table)} ${chain}`,
  })
}

/** `ENOENT` where it is not there. */
export function deleteRule(table: TableName, { chain, handle }: Pick<ListedRule, 'chain' | 'handle'>): Change {
  return change({
    message: NFT_MSG.DELRULE,
    family: table.family,
    attributes: [text(NFTA_RULE.TABLE, table.name), text(NFTA_RULE.CHAIN, chain), u64BigEndian(NFTA_RULE.HANDLE, handle)],
    what: `delrule ${tableText(table)} ${chain} handle ${handle}`,
  })
}

/**
 * The rules of a table, chain by chain in their order; none where there is no such table.
 * @throws {KernelError}
 */
export function listRules(socket: NetlinkSocket<'netfilter'>, table: TableName): ListedRule[] {
  const answer = dump(socket, {
    type: nftablesType(NFT_MSG.GETRULE),
    header: netfilterHeader(NFPROTO[table.family]),
    attributes: [text(NFTA_RULE.TABLE, table.name)],
    what: `getrule ${tableText(table)}`,
  })
  return answer.flatMap((message) => {
    const { attributes } = decodeNetfilter(message)
    const handle = attributes.u64BigEndian(NFTA_RULE.HANDLE)
    // Kernels before 4.14 do not filter.
    if (handle === undefined || attributes.text(NFTA_RULE.TABLE) !== table.name) return []
    const userData = attributes.bytes(NFTA_RULE.USERDATA)
    return [
      { handle, chain: attributes.text(NFTA_RULE.CHAIN) ?? '', comment: userData === undefined ? undefined : decodeComment(userData) },
    ]
  })
}
