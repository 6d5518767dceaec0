import { text } from '../codec/attributes.ts'
import { NLM_F } from '../codec/messages.ts'
import { dump } from '../exchange.ts'
import type { NetlinkSocket } from '../socket.ts'
import { type Change, change } from './change.ts'
import { decodeNetfilter, familyName, NFPROTO, NFT_MSG, netfilterHeader, nftablesType, type TableName, tableText } from './message.ts'

const NFTA_TABLE_NAME = 1

/** Nothing happens where it is there already. */
export function addTable(table: TableName): Change {
  const attributes = [text(NFTA_TABLE_NAME, table.name)]
  return change({ message: NFT_MSG.NEWTABLE, family: table.family, flags: NLM_F.CREATE, attributes, what: `newtable ${tableText(table)}` })
}

/** With all that is in it. `ENOENT` where it is not there. */
export function deleteTable(table: TableName): Change {
  const attributes = [text(NFTA_TABLE_NAME, table.name)]
  return change({ message: NFT_MSG.DELTABLE, family: table.family, attributes, what: `deltable ${tableText(table)}` })
}

/**
 * Those of `ip`, `ip6` and `inet`, whoever made them.
 * @throws {KernelError}
 */
export function listTables(socket: NetlinkSocket<'netfilter'>): TableName[] {
  const header = netfilterHeader(NFPROTO.unspecified)
  return dump(socket, { type: nftablesType(NFT_MSG.GETTABLE), header, attributes: [], what: 'gettable' }).flatMap((message) => {
    const { family, attributes } = decodeNetfilter(message)
    const known = familyName(family)
    return known === undefined ? [] : [{ family: known, name: attributes.text(NFTA_TABLE_NAME) ?? '' }]
  })
}
