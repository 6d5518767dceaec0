import { decodeAcknowledgement } from '../codec/acknowledgement.ts'
import { u32BigEndian } from '../codec/attributes.ts'
import { NLM_F } from '../codec/messages.ts'
import { type NetlinkRequest, requestMessage } from '../exchange.ts'
import { refused } from '../refusal.ts'
import type { NetlinkSocket } from '../socket.ts'
import type { Change } from './change.ts'
import { NFNL_SUBSYS_NFTABLES, NFPROTO, netfilterHeader } from './message.ts'

export interface CommitOptions {
  /** Of currentGeneration: somebody's changes since then refuse these ones, with `ERESTART`. */
  readonly generation?: number
}

const NFNL_MSG_BATCH_BEGIN = 16
const NFNL_MSG_BATCH_END = 17
const NFNL_BATCH_GENID = 1

/**
 * Makes all the changes at once, or none of them.
 * @throws {KernelError} `netlink <what>: ...` of the change that was refused first
 * @see https://wiki.nftables.org/wiki-nftables/index.php/Atomic_rule_replacement
 */
export function commitChanges(socket: NetlinkSocket<'netfilter'>, changes: readonly Change[], { generation }: CommitOptions = {}): void {
  if (changes.length === 0) return
  const batch = [batchBegin(generation), ...changes, batchEnd()]
  const last = batch.length - 2
  // Every refusal is told, a success only where it is asked for: the last change's says that of all.
  const sequences = socket.send(batch.map((part, index) => requestMessage(part, (part.flags ?? 0) | (index === last ? NLM_F.ACK : 0))))
  for (;;) {
    for (const message of socket.receive()) {
      const index = sequences.indexOf(message.sequence)
      const answer = decodeAcknowledgement(message)
      if (index < 0 || answer === undefined) continue
      if (answer.errno !== 0) throw refused(batch[index]?.what ?? 'batch', answer)
      if (index === last) return
    }
  }
}

function batchBegin(generation: number | undefined): NetlinkRequest {
  const header = netfilterHeader(NFPROTO.unspecified, NFNL_SUBSYS_NFTABLES)
  const attributes = generation === undefined ? [] : [u32BigEndian(NFNL_BATCH_GENID, generation)]
  return { type: NFNL_MSG_BATCH_BEGIN, header, attributes, what: 'batch' }
}

function batchEnd(): NetlinkRequest {
  const header = netfilterHeader(NFPROTO.unspecified, NFNL_SUBSYS_NFTABLES)
  return { type: NFNL_MSG_BATCH_END, header, attributes: [], what: 'batch' }
}
