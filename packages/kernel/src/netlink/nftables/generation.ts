import { malformed } from '../codec/malformed.ts'
import { request } from '../exchange.ts'
import type { NetlinkSocket } from '../socket.ts'
import { decodeNetfilter, NFPROTO, NFT_MSG, netfilterHeader, nftablesType } from './message.ts'

const NFTA_GEN_ID = 1

/**
 * The number that every transaction in the namespace, whoever's, makes another.
 * @throws {KernelError}
 */
export function currentGeneration(socket: NetlinkSocket<'netfilter'>): number {
  const header = netfilterHeader(NFPROTO.unspecified)
  const [answer] = request(socket, { type: nftablesType(NFT_MSG.GETGEN), header, attributes: [], what: 'getgen' })
  const generation = answer === undefined ? undefined : decodeNetfilter(answer).attributes.u32BigEndian(NFTA_GEN_ID)
  if (generation === undefined) throw malformed('no generation in the answer to getgen')
  return generation
}
